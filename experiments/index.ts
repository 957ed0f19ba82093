// Importing this registers every experiment of this folder.
export { BuildingEnergy } from './building-energy/building-energy.js'
export { dampedOscillator } from './external-program.js'
export { retrofitValue } from './monte-carlo.js'
