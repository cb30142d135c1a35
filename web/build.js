// Builds web/dist from web/src: the two pages, each one file, and figures.js for Duktape.
//   node build.js           writes dist
//   node build.js --check   compares dist with what the sources build to; exit code 1 where they differ
import { readFileSync, writeFileSync, mkdirSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import typescript from 'typescript';

const root = dirname(fileURLToPath(import.meta.url));
const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  charset: 'ascii',
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

async function bundle(entry, options) {
  const result = await esbuild.build({ ...common, entryPoints: [entry], outfile: 'out', ...options });
  return result.outputFiles[0].text;
}

// A page is one file: its style, its font and its script are inside it.
async function page(template, style, script) {
  const html = readFileSync(join(root, template), 'utf8');
  const css = await bundle(style, { minify: true, loader: { '.woff2': 'dataurl' } });
  const js = await bundle(script, { minify: true, format: 'iife', target: 'es2020' });
  return html
    .replace('<!--STYLE-->', () => `<style>${css.trim()}</style>`)
    .replace('<!--SCRIPT-->', () => `<script>${js.trim()}</script>`);
}

// Duktape knows ES5: our sources are lowered by TypeScript, which can, ECharts is ES5 already. Without
// `minifySyntax`, whose ES5 Duktape does not parse.
const es5 = {
  name: 'es5',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, (file) => ({
      loader: 'js',
      contents: typescript.transpileModule(readFileSync(file.path, 'utf8'), {
        compilerOptions: { target: 'ES5', module: 'ESNext', importHelpers: true },
      }).outputText,
    }));
  },
};

// Names that ECharts asks for and Duktape does not have.
const duktape = 'var global=this,globalThis=this,setTimeout=function(){return 0},clearTimeout=function(){};';

async function figures() {
  const js = await bundle('src/figures.ts', {
    format: 'iife',
    target: 'es5',
    plugins: [es5],
    minifyWhitespace: true,
    minifyIdentifiers: true,
  });
  return duktape + js;
}

const built = {
  'report.html': await page('src/report.html', 'src/page/page.css', 'src/page/main.ts'),
  'live.html': await page('src/live/live.html', 'src/live/live.css', 'src/live/main.ts'),
  'figures.js': await figures(),
};

const check = process.argv.includes('--check');
mkdirSync(join(root, 'dist'), { recursive: true });
for (const [name, text] of Object.entries(built)) {
  const path = join(root, 'dist', name);
  if (!check) {
    writeFileSync(path, text);
    console.log(`dist/${name}  ${(Buffer.byteLength(text) / 1e3).toFixed(0)} kB`);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`dist/${name} is not what the sources build to: npm run build`);
    process.exitCode = 1;
  }
}
