import { computed } from '@preact/signals';
import type { Me } from '../../data/api.ts';
import { gateways } from '../../data/store.ts';
import { ts } from './texts.ts';

export interface Access {
  readonly role: Me['role'];
  /** null: all. */
  readonly sites: readonly string[] | null;
}

export const ROLES = ['viewer', 'operator', 'admin'] as const;

const sites = computed(() =>
  [...new Set((gateways.value ?? []).map(({ site }) => site).filter((site) => site !== null))].sort(),
);

interface AccessFieldsProps {
  readonly access: Access;
  readonly change: (access: Access) => void;
}

/** What somebody may do, and where. */
export function AccessFields({ access, change }: AccessFieldsProps) {
  const known = [...new Set([...sites.value, ...(access.sites ?? [])])];
  const toggle = (site: string, on: boolean) => {
    const held = access.sites ?? [];
    change({ ...access, sites: on ? [...held, site] : held.filter((each) => each !== site) });
  };
  return (
    <>
      <fieldset class="roles">
        <legend>{ts('role')}</legend>
        {ROLES.map((role) => (
          <label key={role} class="check">
            <input
              type="radio"
              name="role"
              checked={access.role === role}
              onChange={() => change({ ...access, role })}
            />
            <span>
              {ts(`role.${role}`)} <span class="muted small">{ts(`role.${role}.hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset class="roles">
        <legend>{ts('sites')}</legend>
        <label class="check">
          <input
            type="checkbox"
            checked={access.sites === null}
            onChange={(event) => change({ ...access, sites: event.currentTarget.checked ? null : [] })}
          />
          {ts('sites.all')}
        </label>
        {access.sites === null
          ? null
          : known.map((site) => (
              <label key={site} class="check">
                <input
                  type="checkbox"
                  checked={access.sites?.includes(site)}
                  onChange={(event) => toggle(site, event.currentTarget.checked)}
                />
                {site}
              </label>
            ))}
        {access.sites?.length === 0 ? <p class="small muted">{ts('sites.choose')}</p> : null}
      </fieldset>
    </>
  );
}

export function isWhole({ sites: chosen }: Access): boolean {
  return chosen === null || chosen.length > 0;
}

export function accessText({ role, sites: held }: Access): string {
  return held === null ? ts(`role.${role}`) : `${ts(`role.${role}`)} · ${held.join(', ')}`;
}
