// The public schema of Adaptive Cards 1.6, mended and extended by what Teams
// adds to it. 1.6 and not 1.5, which is what our cards call themselves: only
// 1.6 knows the typeahead that Teams has had all the time.
//
// schemas/adaptive-card-1.6.0.schema.json is Microsoft's, unchanged: MIT,
// github.com/microsoft/AdaptiveCards, schemas/1.6.0/adaptive-card.json.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv';
import formats from 'ajv-formats';

const require = createRequire(import.meta.url);

function patched() {
  const schema = JSON.parse(readFileSync(new URL('schemas/adaptive-card-1.6.0.schema.json', import.meta.url), 'utf8'));
  const { definitions } = schema;
  // Draft 6 wants a list there; as shipped, the file is not a schema.
  delete definitions.Media.properties.captionSources.required;
  delete definitions.MediaSource.properties.mimeType.required;
  delete schema.id; // draft 6 says $id
  const object = (properties, required = []) => ({ type: 'object', properties, required, additionalProperties: false });
  const action = object({ feedback: object({ hide: { type: 'boolean' } }) });
  definitions.AdaptiveCard.properties.msteams = object({
    width: { enum: ['Full'] },
    entities: {
      type: 'array',
      items: object({
        type: { const: 'mention' },
        text: { type: 'string', pattern: '^<at>.+</at>$' },
        mentioned: object({ id: { type: 'string' }, name: { type: 'string' } }, ['id', 'name']),
      }, ['type', 'text', 'mentioned']),
    },
  });
  definitions['Action.Submit'].properties.msteams = action;
  definitions['Action.Execute'].properties.msteams = action;
  definitions['Input.ChoiceSet'].properties.key = { type: 'string' };
  definitions['Data.Query'].properties.associatedInputs = { enum: ['auto', 'none'] };
  return schema;
}

const schema = patched();
const ajv = new Ajv({ strict: false });
formats(ajv);
ajv.addMetaSchema(require('ajv/dist/refs/json-schema-draft-06.json'));
const validate = ajv.compile(schema);

const known = new Set(Object.keys(schema.definitions));

/**
 * What a client of the public schema makes of a value: an element that it does
 * not know becomes its fallback, or nothing where the fallback is "drop". One
 * without a fallback stays and fails the schema.
 */
function degraded(value) {
  if (Array.isArray(value)) return value.map(degraded).filter((v) => v !== undefined);
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.type === 'string' && /^[A-Z]/.test(value.type) && !known.has(value.type) && value.fallback !== undefined) {
    return value.fallback === 'drop' ? undefined : degraded(value.fallback);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === 'data' ? inner : degraded(inner)]));
}

/** What the schema objects to, or null. */
export function schemaErrors(card) {
  if (validate(degraded(card))) return null;
  // anyOf over all elements names every one that it is not; the deepest place is the culprit.
  const deepest = Math.max(...validate.errors.map((e) => e.instancePath.length));
  return validate.errors.filter((e) => e.instancePath.length === deepest)
    .map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
}
