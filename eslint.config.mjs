// The pages' scripts against the browser that package.json promises (`browserslist`): syntax by the
// parser's version, interfaces and static methods by eslint-plugin-compat, members by our rule.

import compat from 'eslint-plugin-compat';

import tongke from './tests/frontend/eslint_newer.mjs';

// Members of our own objects that newer interfaces happen to have as well.
const OURS = ['available', 'draw', 'last', 'lost', 'path', 'run', 'subject', 'take'];

export default [
  {
    files: ['web/static/js/**/*.js'],
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { compat, tongke },
    rules: { 'compat/compat': 'error', 'tongke/newer': ['error', ...OURS] },
  },
];
