// How program text is known that changes something. Rule: by the looks of it; what only running would tell is not guessed.

/** Programs that run text in a language of their own. */
export const INTERPRETER =
  /^(python[\d.]*|node|nodejs|deno|bun|ruby|perl|php|lua|osascript|tsx|Rscript|g?awk|mawk)$/;
/** Text for SQLite that changes something. */
export const SQL_WRITE =
  /\b(insert|update|delete|drop|alter|create|replace|vacuum|attach|pragma|reindex|begin)\b|^\s*\.(restore|import|recover|clone|save|open|read|shell|system)/im;
/** Program text that changes files, or runs something that may. */
export const CODE_WRITE =
  /open\s*\([^)]*,\s*(mode\s*=\s*)?['"][rb]?[wax+]|write_?(text|bytes|file|lines)?\w*\s*\(|\b(unlink|remove|rmtree|rename|replace|truncate|chmod|symlink|link|copy\w*|move|rm|mkdir|append\w*|create\w*Stream)(Sync)?\s*\(|json\.dump\s*\(|execute\w*\s*\(|exec\w*\s*\(|system\s*\(|subprocess|spawn|File\.(write|open|delete)|FileUtils|>\s*['"]|print\s*\{|file_put_contents|\bunlink\b/;
/** Shell text in program text: `system("…")`, `execSync('…')`, `subprocess.run(['…', …])`. */
export const SHELL_CALL =
  /\b(?:system|exec\w*|popen|spawn\w*|run|call|check_\w+|getoutput|qx)\s*\(?\s*(?:(["'`])((?:\\.|(?!\1).)*)\1|\[([^\]]*)\])/gs;
