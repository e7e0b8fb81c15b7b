/** A drawing of lines; the words stand beside it or in the name of its button. */
export function Icon({ path, size = 22 }: { readonly path: string; readonly size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
