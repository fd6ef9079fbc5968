/** The command line is not one that the program takes. */
export class UsageError extends Error {}
