// Which time a page shows; the address bar keeps it.
import { html } from '../html.ts';
import { addressOf, go } from '../route.ts';
import { SPANS, type Span, spanWords } from '../view.ts';

interface SpanProps {
  readonly path: string;
  readonly span: Span;
  /** Only times that end now. */
  readonly isOpen?: boolean;
}

export function SpanChoice({ path, span, isOpen = false }: SpanProps) {
  const choose = (event: Event) => {
    const [since = '', until = ''] =
      SPANS[Number((event.currentTarget as HTMLSelectElement).value)] ?? [];
    go(addressOf(path, spanWords({ since, until })));
  };
  const isNamed = SPANS.some(([since, until]) => since === span.since && until === span.until);
  return html`<label>Time
    <select onChange=${choose}>
      ${!isNamed && html`<option value="" selected>${span.since} ${span.until}</option>`}
      ${SPANS.map(
        ([since, until, title], place) =>
          (until === '' || !isOpen) &&
          html`<option value=${place} selected=${since === span.since && until === span.until}>${title}</option>`,
      )}
    </select>
  </label>`;
}
