// The Teams app package as `onbehalf manifest` writes it, against Microsoft's
// own schemas.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import Ajv04 from 'ajv-draft-04';
import formats from 'ajv-formats';
import { unzipSync } from 'fflate';
import { program } from './bot.mjs';

const require = createRequire(import.meta.url);
const appID = '0b7f6f7e-1f0c-4c1f-8a3e-5d1c7a9e4b21';
// The package exports its code only; the schemas lie beside it.
const main = require.resolve('@microsoft/app-manifest');
const schemas = path.join(main.slice(0, main.indexOf('app-manifest') + 'app-manifest'.length), 'build/json-schemas/teams');

// Compiling a schema takes seconds, so each is compiled once.
const compiled = new Map();

function compile(version, schema) {
  const file = path.join(schemas, `v${version}`, schema);
  if (!compiled.has(file)) {
    const ajv = new Ajv04({ strict: false, allErrors: true, unicodeRegExp: false }); // the patterns are not of the strict kind
    formats(ajv);
    compiled.set(file, ajv.compile(JSON.parse(readFileSync(file, 'utf8'))));
  }
  return compiled.get(file);
}

// errors is what a schema of a version of the manifest finds wrong.
function errors(version, schema, value) {
  const validate = compile(version, schema);
  return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}

for (const [version, options] of [['1.30', []], ['1.25', ['--compatible']]]) describe(`app package ${version}`, () => {
  let dir;
  let files;
  let manifest;
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'onbehalf-package-'));
    const file = path.join(dir, 'onbehalf.zip');
    execFileSync(program(), ['manifest', '-o', file, ...options], { env: { ...process.env, MICROSOFT_APP_ID: appID, PUBLIC_URL: 'https://onbehalf.example.org' } });
    files = unzipSync(readFileSync(file));
    manifest = JSON.parse(text('manifest.json'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const text = (name) => Buffer.from(files[name]).toString('utf8');

  test('manifest.json is valid by the schema that it names', () => {
    assert.equal(manifest.manifestVersion, version);
    assert.ok(manifest.$schema.endsWith(`/v${version}/MicrosoftTeams.schema.json`), manifest.$schema);
    assert.deepEqual(errors(version, 'MicrosoftTeams.schema.json', manifest), []);
    assert.notDeepEqual(errors(version, 'MicrosoftTeams.schema.json', { ...manifest, bots: [{}] }), [], 'the schema takes anything');
  });

  test('the bot and the extension are those of the registration', () => {
    assert.equal(manifest.bots[0].botId, appID);
    assert.equal(manifest.composeExtensions[0].botId, appID);
    assert.deepEqual(manifest.composeExtensions[0].commands.map((c) => `${c.id} ${c.type}`), ['find query', 'file action', 'new action']);
    assert.deepEqual(manifest.composeExtensions[0].messageHandlers[0].value.domains, ['onbehalf.example.org']);
  });

  test('all languages are there and valid', () => {
    const { defaultLanguageTag, additionalLanguages } = manifest.localizationInfo;
    assert.deepEqual([defaultLanguageTag, ...additionalLanguages.map((l) => l.languageTag)].sort(), ['de', 'en', 'ru']);
    for (const { file } of additionalLanguages) {
      assert.deepEqual(errors(version, 'MicrosoftTeams.Localization.schema.json', JSON.parse(text(file))), [], file);
    }
  });

  test('the icons have the sizes that Teams wants', () => {
    const size = (name) => {
      const png = Buffer.from(files[name]);
      assert.equal(png.toString('latin1', 1, 4), 'PNG', name);
      return [png.readUInt32BE(16), png.readUInt32BE(20)];
    };
    assert.deepEqual(size(manifest.icons.color), [192, 192]);
    assert.deepEqual(size(manifest.icons.outline), [32, 32]);
  });

  test('everything lies at the root, and nothing else', () => {
    const wanted = ['manifest.json', ...Object.values(manifest.icons), ...manifest.localizationInfo.additionalLanguages.map((l) => l.file)];
    assert.deepEqual(Object.keys(files).sort(), wanted.sort());
  });
});
