// The name of a project's launcher. Rule: nothing else lives here, since every hook asks for it.

/** A file below the project's `.claude`, committed with the settings; it runs the hooks from wherever Tollgate is. */
export const LAUNCHER_NAME = 'tollgate-hook.cjs';
