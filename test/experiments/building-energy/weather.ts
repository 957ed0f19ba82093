import { join } from 'node:path'

/** Path of one of the three years that lie with the experiment. */
export function weatherFile(city: 'Denver' | 'Tucson' | 'Chicago'): string {
  const name = {
    Denver: 'USA_CO_Denver.Intl.AP.725650_TMY3.epw',
    Tucson: 'USA_AZ_Tucson.Intl.AP.722740_TMY3.epw',
    Chicago: 'USA_IL_Chicago-OHare.Intl.AP.725300_TMY3.epw',
  }[city]
  return join(import.meta.dirname, '../../../experiments/building-energy/weather', name)
}
