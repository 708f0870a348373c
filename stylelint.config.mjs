// The pages' styles against the browser that package.json promises: by names (our rule), and by
// forms that have no name (the plugin, which reads `browserslist` as well).

import tongke from './tests/frontend/stylelint_newer.mjs';

export default {
  plugins: ['stylelint-no-unsupported-browser-features', tongke],
  reportNeedlessDisables: true,
  rules: {
    'plugin/no-unsupported-browser-features': [true, { ignorePartialSupport: true }],
    'tongke/newer': true,
  },
};
