// A question over the page, with what is typed into it. Rule: Escape and Cancel leave everything as it is; what is refused stays open and says why.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { html } from '../html.ts';
import { ProblemNote } from './problem-note.ts';

interface DialogProps {
  readonly title: string;
  /** The word on the button that does it. */
  readonly verb: string;
  readonly isDanger?: boolean;
  readonly children: ComponentChildren;
  /** Gets the fields by their names. */
  readonly onDo: (fields: FormData) => Promise<unknown>;
  readonly onClose: () => void;
}

export function Dialog({ title, verb, isDanger, children, onDo, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setIsBusy(true);
    try {
      await onDo(new FormData(event.currentTarget as HTMLFormElement));
      onClose();
    } catch (refused) {
      setProblem(refused as Problem);
      setIsBusy(false);
    }
  };
  return html`<dialog ref=${dialog} onClose=${onClose} aria-labelledby="dialog-title">
    <form onSubmit=${submit}>
      <h2 id="dialog-title">${title}</h2>
      ${children} ${problem && html`<${ProblemNote} problem=${problem} />`}
      <div class="buttons">
        <button type="button" onClick=${() => dialog.current?.close()}>Cancel</button>
        <button type="submit" class=${isDanger ? 'danger' : 'primary'} disabled=${isBusy}>${verb}</button>
      </div>
    </form>
  </dialog>`;
}
