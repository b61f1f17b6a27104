// Judges state machines: `node asl.mjs FOLDER FILE…`, where FOLDER holds node_modules, prints one JSON
// object, {path: [problem, …]}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const validator = require("asl-validator");
const { getLanguageService } = require("amazon-states-language-service");

const found = {};
for (const path of files) {
  const text = readFileSync(path, "utf8");
  const problems = [];
  const verdict = validator(JSON.parse(text), { checkPaths: true, checkArn: false });
  if (!verdict.isValid) {
    problems.push(...verdict.errors.map((e) => `asl-validator: ${JSON.stringify(e)}`));
  }
  const language = getLanguageService({});
  const document = {
    uri: `file://${path}`,
    languageId: "asl",
    version: 1,
    lineCount: text.split("\n").length,
    getText: () => text,
    positionAt: (offset) => {
      const before = text.slice(0, offset).split("\n");
      return { line: before.length - 1, character: before[before.length - 1].length };
    },
    offsetAt: () => 0,
  };
  const tree = language.parseJSONDocument(document);
  const diagnostics = await language.doValidation(document, tree, {}, undefined);
  problems.push(...diagnostics.map((d) => `language service, line ${d.range.start.line + 1}: ${d.message}`));
  found[path] = problems;
}
console.log(JSON.stringify(found));
