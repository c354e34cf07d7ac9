#!/usr/bin/env node
// Door 2: the command line.
console.log('not yet');
