// stylelint's rule: nothing in CSS that came after the promised browser, unless an @supports asks
// for it first.

import stylelint from 'stylelint';

import { css, isNewer, newerNames, newerTypes, target } from './newer.mjs';

const ruleName = 'tongke/newer';
const names = { selectors: newerNames(css.selectors), types: newerTypes };
const plain = (text) => text.replace(/"[^"]*"|'[^']*'|url\([^)]*\)/g, ' ');
const words = (text) => plain(text).match(/(?<![\w#.-])-?[a-z][\w-]*/gi) ?? [];
const all = (text, pattern) => [...plain(text).matchAll(pattern)].map(([, name]) => name);
const units = (text) => all(text, /(?<![\w#-])[\d.]+([a-z]+)/gi);
const functions = (text) => all(text, /([\w-]+)\(/g);
const pseudos = (selector) => all(selector, /::?([a-z-]+)/gi);

const around = ({ parent }) => (parent ? [parent, ...around(parent)] : []);
const isAsked = (node) => around(node).some(({ name }) => name === 'supports');
const isNested = (node) => around(node).some(({ type }) => type === 'rule');

function ofDeclaration({ prop, value }) {
  const property = css.properties[prop];
  if (isNewer(property)) return [prop];
  const newer = newerNames(property);
  return [
    ...words(value).filter((word) => newer.has(word)),
    ...[...functions(value), ...units(value)].filter((name) => names.types.has(name)),
  ];
}

function ofRule({ selector, ...rule }) {
  const newer = pseudos(selector).filter((name) => names.selectors.has(name));
  return isNested(rule) && isNewer(css.selectors.nesting) ? ['nesting', ...newer] : newer;
}

function ofAtRule({ name, params }) {
  const known = css.atRules[name];
  if (isNewer(known)) return [`@${name}`];
  const newer = newerNames(known);
  return words(params).filter((word) => newer.has(word));
}

const found = { decl: ofDeclaration, rule: ofRule, atrule: ofAtRule };

const rule = (enabled) => (root, result) => {
  if (!enabled) return;
  root.walk((node) => {
    if (!found[node.type] || isAsked(node)) return;
    for (const name of found[node.type](node)) {
      const message = `'${name}' is not known to ${target}.`;
      stylelint.utils.report({ ruleName, result, node, message });
    }
  });
};
rule.ruleName = ruleName;

export default stylelint.createPlugin(ruleName, rule);
