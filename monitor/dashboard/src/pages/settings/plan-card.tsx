import { useState } from 'preact/hooks';
import { Prose } from '../../kit/prose.tsx';
import { DAYS } from './days.ts';
import { FromFile } from './from-file.tsx';
import type { NotifySettings, Roster, Step, Turn } from './notify-api.ts';
import { tw } from './notify-texts.ts';
import { Card } from './parts.tsx';
import { PlanForm } from './plan-form.tsx';

interface PlanCardProps {
  readonly held: NotifySettings;
  readonly done: () => Promise<void>;
}

/** Rosters, steps, the zone of both, and the heartbeat, in words. */
export function PlanCard({ held, done }: PlanCardProps) {
  const [isOpen, setOpen] = useState(false);
  const { rosters, escalation, timezone, heartbeat } = held;
  const isPlain = rosters.length === 0 && escalation.steps.length === 0;
  return (
    <Card title={tw('plan')} hint={tw('plan.hint')}>
      {isPlain ? <p class="muted">{tw('plan.none')}</p> : null}
      <ul class="lines" data-plan="">
        {rosters.map((roster) => (
          <li key={roster.name}>
            <span class="said">
              <strong>
                {`${tw('roster')}: ${roster.name}`}
                <FromFile source={roster.source} />
              </strong>
              <span class="muted small">{rosterText(roster)}</span>
            </span>
          </li>
        ))}
        {escalation.steps.map((step, index) => (
          <li key={step.afterMs}>
            <span class="said">
              <strong>
                {tw('step', { n: index + 1 })}
                <FromFile source={escalation.source} />
              </strong>
              <span class="muted small">{stepText(step)}</span>
            </span>
          </li>
        ))}
      </ul>
      <p class="small">{`${tw('zone')}: ${timezone.name}`}</p>
      <p class="muted small">
        <Prose text={heartbeat ? tw('heartbeat', { s: heartbeat.everyMs / 1000 }) : tw('heartbeat.none')} />
      </p>
      <p>
        <button type="button" class="act" onClick={() => setOpen(true)}>
          {tw('plan.change')}
        </button>
      </p>
      {isOpen ? (
        <PlanForm
          held={held}
          close={() => setOpen(false)}
          done={() => {
            setOpen(false);
            void done();
          }}
        />
      ) : null}
    </Card>
  );
}

function rosterText({ turns, timezone }: Roster): string {
  return [...turns.map(turnText), ...(timezone === null ? [] : [timezone])].join(' · ');
}

function turnText({ days, from, to, receivers }: Turn): string {
  const named = DAYS.filter((day) => days.includes(day)).map((day) => tw(`day.${day}`));
  return `${named.length === DAYS.length ? tw('days.all') : named.join(' ')} ${from}–${to}: ${receivers.join(', ')}`;
}

function stepText({ afterMs, to }: Step): string {
  const names = to.join(', ');
  return afterMs === 0 ? tw('step.at-once', { to: names }) : tw('step.said', { n: afterMs / 60_000, to: names });
}
