import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface DialogProps {
  readonly title: string;
  readonly kind?: string;
  readonly close: () => void;
  readonly closeText: string;
  readonly children: ComponentChildren;
}

/** Over the page: the browser keeps the focus inside, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, kind = '', close, closeText, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const outside = (event: MouseEvent) => {
    if (event.target === element.current) close();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the dialog; Escape does the same
    <dialog ref={element} class={`dialog ${kind}`} aria-label={title} onCancel={close} onClick={outside}>
      <div class="dialog-body">
        <header>
          <h2>{title}</h2>
          <button type="button" class="plain close" aria-label={closeText} onClick={close}>
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
