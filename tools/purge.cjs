// What of Tabler's style sheet stays: rules whose classes stand as words in our pages, code or scripts, and the families
// below, so that a new form or button needs no run of tools/vendor.py. Run by tools/vendor.py.
module.exports = {
  content: ["html", "py", "js", "css"].map((ending) => `src/otklik/**/!(*.min).${ending}`),
  defaultExtractor: (content) => content.match(/[\w-/:]+(?<!:)/g) || [],
  safelist: {
    standard: [
      /^btn(-(primary|danger|success|warning|outline-primary|outline-danger|link|sm|lg|icon|close))?$/, /^form-/,
      /^is-(in)?valid$/, /^(in)?valid-/, /^was-validated/, /^alert/, /^badge/, /^input-group/, /^visually-hidden/,
      /^show$/, /^active$/, /^disabled$/,
    ],
  },
};
