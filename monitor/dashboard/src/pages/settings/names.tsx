interface NamesProps {
  readonly legend: string;
  readonly all: readonly string[];
  readonly chosen: readonly string[];
  readonly change: (chosen: readonly string[]) => void;
}

/** Some of several, in their order. */
export function Names({ legend, all, chosen, change }: NamesProps) {
  return (
    <fieldset class="roles names">
      <legend>{legend}</legend>
      {all.map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              change(all.filter((each) => (each === name ? checked : chosen.includes(each))))
            }
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
