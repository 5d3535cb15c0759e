import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  { files: ["ui/**/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/js/**/*.mjs"], languageOptions: { globals: { ...globals.node, localStorage: "readonly" } } },
];
