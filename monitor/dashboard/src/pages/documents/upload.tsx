import { useState } from 'preact/hooks';
import { Refusal } from '../../data/api.ts';
import { FileButton } from '../../kit/file-button.tsx';
import { type Kept, sendPicture } from './document-api.ts';
import { ACCEPTED, reasonOf, type Unfit, unfitPicture } from './picture-check.ts';
import { td } from './texts.ts';

interface UploadProps {
  readonly label: string;
  readonly taken: (picture: Kept) => void;
}

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'sending'; readonly share: number }
  | { readonly is: 'refused'; readonly text: string };

/** A picture from this computer to the hub, with its progress, or why it was not taken. */
export function PictureUpload({ label, taken }: UploadProps) {
  const [state, setState] = useState<State>({ is: 'idle' });
  const send = async (file: File) => {
    const unfit = unfitPicture(file);
    if (unfit) {
      setState({ is: 'refused', text: unfitText(unfit) });
      return;
    }
    setState({ is: 'sending', share: 0 });
    try {
      const picture = await sendPicture(file, (share) => setState({ is: 'sending', share }));
      setState({ is: 'idle' });
      taken(picture);
    } catch (error) {
      setState({ is: 'refused', text: error instanceof Refusal ? refusedText(error) : td('unreachable') });
    }
  };
  return (
    <div class="upload">
      <FileButton label={label} accept={ACCEPTED} class="act" take={(file) => void send(file)} />
      {state.is === 'sending' ? (
        <p role="status" class="small">
          {td('picture.sending', { percent: Math.round(state.share * 100) })}
          <progress value={state.share} max={1} aria-label={label} />
        </p>
      ) : null}
      {state.is === 'refused' ? (
        <p role="alert" class="upload-refused">
          {state.text}
        </p>
      ) : null}
    </div>
  );
}

function refusedText({ code, detail = code }: Refusal): string {
  const reason = reasonOf(detail);
  return reason ? td(`picture.${reason}`) : td('picture.refused', { detail });
}

function unfitText(unfit: Unfit): string {
  return unfit.why === 'large' ? td('picture.large', { mb: unfit.megabytes }) : td(`picture.${unfit.why}`);
}
