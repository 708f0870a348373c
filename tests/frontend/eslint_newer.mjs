// eslint's rule: no globals, members or events that came after the promised browser. It goes by
// the name alone, for a script does not tell whose method it calls; names that our own objects have
// are given as options and left alone.

import { newerEvents, newerGlobals, newerMembers, newerStatics, target } from './newer.mjs';

function create(context) {
  const report = (node, name) =>
    context.report({ node, message: `'${name}' is not known to ${target}.` });
  const ours = new Set(context.options);
  const check = (node, newer) => {
    const name = { Literal: node.value, Identifier: node.name }[node.type];
    if (newer.has(name) && !ours.has(name)) report(node, name);
  };
  return {
    'Program:exit'(program) {
      const { through } = context.sourceCode.getScope(program);
      for (const { identifier } of through) check(identifier, newerGlobals);
    },
    MemberExpression({ object, property, computed }) {
      if (!computed || property.type === 'Literal') check(property, newerMembers);
      const whole = `${object.name}.${property.name}`;
      if (!computed && newerStatics.has(whole)) report(property, whole);
    },
    'ObjectPattern > Property'({ key, computed }) {
      if (!computed) check(key, newerMembers);
    },
    'CallExpression[callee.property.name="addEventListener"]'({ arguments: [event] }) {
      if (event?.type === 'Literal') check(event, newerEvents);
    },
  };
}

const schema = { type: 'array', items: { type: 'string' } };

export default { rules: { newer: { meta: { type: 'problem', schema }, create } } };
