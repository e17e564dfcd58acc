// Lists of words, written as one: most tables of the driver are sets of names.

export const setOf = (words: string): Set<string> => new Set(words.split(" "));
