// One calculation by the public engine of rules (publicodes, modele-social): contributions of an
// auto-entrepreneur who sells goods, recomputed for another turnover each time. Prints JSON.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(process.argv[2] + '/')
const load = async (name) => {
  const found = (await import(pathToFileURL(require.resolve(name)))).default
  return found.default ?? found
}
const Engine = await load('publicodes')
const rules = await load('modele-social')
const WANTED = 'dirigeant . auto-entrepreneur . cotisations et contributions'
const quiet = { log: () => {}, warn: () => {}, error: () => {} }

const began = performance.now()
const engine = new Engine(rules, { logger: quiet })
const ready = performance.now() - began
const situation = {
  'dirigeant . auto-entrepreneur': 'oui',
  'entreprise . activité . nature': "'commerciale'",
}
const times = []
let last = null
for (let turn = 0; turn < 40; turn += 1) {
  const start = performance.now()
  engine.setSituation({
    ...situation,
    "dirigeant . auto-entrepreneur . chiffre d'affaires": `${1234 + turn} €/mois`,
  })
  last = engine.evaluate(WANTED).nodeValue
  times.push(performance.now() - start)
}
times.splice(0, 5) // compiled by then
times.sort((a, b) => a - b)
console.log(JSON.stringify({ ready, median: times[times.length >> 1], last, turnover: 1234 + 39 }))
