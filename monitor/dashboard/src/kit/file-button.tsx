import { useRef } from 'preact/hooks';

interface FileButtonProps {
  readonly label: string;
  /** As the attribute of a file field has it. */
  readonly accept: string;
  readonly class?: string;
  readonly take: (file: File) => void;
}

/** A button that asks for a file of this computer; the same one can be chosen twice in a row. */
export function FileButton({ label, accept, class: name = 'plain', take }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={name} onClick={() => input.current?.click()}>
        {label}
      </button>
      <input
        ref={input}
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-label={label}
        accept={accept}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) take(file);
        }}
      />
    </>
  );
}
