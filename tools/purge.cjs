// What of Tabler's style sheet stays: rules whose classes stand as words in our pages, code or scripts, and the families
// below, so that a new form or button needs no run of tools/vendor.py. Run by tools/vendor.py.
module.exports = {
  content: ["html", "py", "js", "css"].map((ending) => `src/otklik/**/!(*.min).${ending}`),
  defaultExtractor: (content) => content.match(/[\w-/:]+(?<!:)/g) || [],
  safelist: {
    standard: [
      /^btn/, /^form-/, /^is-(in)?valid$/, /^(in)?valid-/, /^alert/, /^badge/, /^card/, /^progress/, /^page-/, /^pagination/,
      /^list-group/, /^nav/, /^tab-/, /^input-group/, /^visually-hidden/, /^was-validated/, /^show$/, /^active$/, /^disabled$/,
    ],
  },
};
