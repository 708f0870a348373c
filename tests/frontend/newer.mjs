// Which names of the web platform are newer than the browser that package.json promises, from
// MDN's browser-compat-data. A name is newer when no interface had it by then.

import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const data = read('node_modules/@mdn/browser-compat-data/data.json');
const [browser, promised] = read('package.json').browserslist[0].split(' ');

export const target = `${browser} ${promised}`;

// The version that brought a feature, without flag or prefix; Infinity if there is none.
function since(feature) {
  const statements = [feature.__compat?.support[browser] ?? []].flat();
  const plain = statements.filter(({ flags, prefix, alternative_name: other }) =>
    !flags && !prefix && !other);
  const versions = plain.map(({ version_added: added }) =>
    Number.parseInt(String(added).replace('≤', ''), 10) || Infinity);
  return Math.min(Infinity, ...versions);
}

export const isNewer = (feature) => Boolean(feature?.__compat) && since(feature) > promised;

// [name, feature] of what stands directly below a feature.
function below(feature) {
  return Object.entries(feature ?? {}).filter(([name]) => name !== '__compat');
}

// Names of a list of [name, feature] that are newer wherever they stand.
function onlyNewer(entries) {
  const known = entries.filter(([, feature]) => feature.__compat);
  const old = new Set(known.filter(([, feature]) => !isNewer(feature)).map(([name]) => name));
  return new Set(known.map(([name]) => name).filter((name) => !old.has(name)));
}

const holders = [...below(data.api), ...below(data.javascript.builtins)];
const members = holders.flatMap(([, holder]) => below(holder));
const events = members.filter(([name]) => name.endsWith('_event'))
  .map(([name, feature]) => [name.replace(/_event$/, ''), feature]);

export const newerGlobals = onlyNewer([...holders, ...below(data.api.Window)]);
export const newerEvents = onlyNewer(events);
export const newerMembers = onlyNewer([
  ...members.map(([name, feature]) => [name.replace(/_static$/, ''), feature]),
  ...events.map(([name, feature]) => [`on${name}`, feature]),
]);

// `AbortSignal.any`: a static member whose name alone is older elsewhere.
export const newerStatics = new Set(holders.flatMap(([holder, feature]) =>
  below(feature).filter(([name, member]) => name.endsWith('_static') && isNewer(member))
    .map(([name]) => `${holder}.${name.replace(/_static$/, '')}`)));

const { properties, selectors, types, 'at-rules': atRules } = data.css;

// Types of CSS as they are written: `linear-function` is linear(), and types hold types.
function written(entries) {
  return entries.flatMap(([name, feature]) => [
    [name.replace(/-function$/, ''), feature], ...written(below(feature)),
  ]);
}

export const newerTypes = onlyNewer(written(below(types)));
export const newerNames = (entries) => onlyNewer(below(entries));
export const css = { properties, selectors, atRules };
