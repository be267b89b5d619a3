// A reason not to run that a person can do something about: its message is all that they need to see.

export class ShopError extends Error {}
