// `tollgate reconcile`: being built.
export {};
