// Markup as tagged templates. Rule: what stands in a value becomes text or an attribute, never markup.
import htm from 'htm';
import { h, type VNode } from 'preact';

export const html = htm.bind(h) as (strings: TemplateStringsArray, ...values: unknown[]) => VNode;
