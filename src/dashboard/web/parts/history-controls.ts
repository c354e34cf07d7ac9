// What a view of history is chosen with: unit, grouping, time and filters.
import { html } from '../html.ts';
import { GROUPS, SPANS, UNITS, type View } from '../view.ts';

interface ControlsProps {
  readonly view: View;
  readonly onView: (view: View) => void;
}

export function HistoryControls({ view, onView }: ControlsProps) {
  const isNamed = SPANS.some(([since, until]) => since === view.since && until === view.until);
  const span = (event: Event) => {
    const [since, until] = SPANS[Number((event.currentTarget as HTMLSelectElement).value)] ?? [
      '',
      '',
    ];
    onView({ ...view, since, until });
  };
  return html`<section class="controls" aria-label="What is shown">
    <fieldset class="segments">
      <legend class="unseen">Unit of time</legend>
      ${UNITS.map(
        (unit) => html`<label key=${unit}>
          <input type="radio" name="unit" checked=${view.unit === unit} onChange=${() => onView({ ...view, unit })} />
          <span>${unit}</span>
        </label>`,
      )}
    </fieldset>
    <label>Divided by
      <select
        value=${view.group}
        onChange=${(event: Event) => onView({ ...view, group: (event.currentTarget as HTMLSelectElement).value })}
      >
        ${GROUPS.map(([word, title]) => html`<option value=${word} selected=${word === view.group}>${title}</option>`)}
      </select>
    </label>
    <label>Time
      <select onChange=${span}>
        ${!isNamed && html`<option value="" selected>${view.since}${view.until && view.until !== view.since ? ` to ${view.until}` : ''}</option>`}
        ${SPANS.map(
          ([since, until, title], place) => html`<option
            value=${place}
            selected=${since === view.since && until === view.until}
            >${title}</option
          >`,
        )}
      </select>
    </label>
    <${Filters} view=${view} onView=${onView} />
  </section>`;
}

function Filters({ view, onView }: ControlsProps) {
  const add = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const value = String(fields.get('value') ?? '').trim();
    form.reset();
    if (value !== '') onView({ ...view, where: [...view.where, `${fields.get('key')}=${value}`] });
  };
  return html`<form class="filters" onSubmit=${add}>
      <label>Only where
        <select name="key">
          ${GROUPS.slice(1).map(([word, title]) => html`<option value=${word}>${title}</option>`)}
          <option value="session">Session</option>
        </select>
      </label>
      <label><span class="unseen">Value</span><input name="value" placeholder="feat/*" size="12" autocomplete="off" /></label>
      <button type="submit">Add</button>
    </form>
    ${
      view.where.length > 0 &&
      html`<ul class="chips" aria-label="Filters">
        ${view.where.map(
          (word) => html`<li key=${word}>
            <span>${word}</span>
            <button
              type="button"
              class="plain"
              aria-label=${`Take off ${word}`}
              onClick=${() => onView({ ...view, where: view.where.filter((each) => each !== word) })}
            >
              ×
            </button>
          </li>`,
        )}
      </ul>`
    }`;
}
