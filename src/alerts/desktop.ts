// The channel of the desktop: the notification of the system, by its own tool. Rule: titles and texts are arguments or variables, never code.

import type { Channel, Message } from './channel.ts';
import { type Program, runProgram } from './run-program.ts';
import { capital, shortText } from './wording.ts';

type Shown = Pick<Program, 'file' | 'words'> & { readonly variables?: NodeJS.ProcessEnv };

/** Reads both from its arguments. */
const APPLE_SCRIPT = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
].flatMap((line) => ['-e', line]);

/** Reads both from its environment. */
const POWERSHELL = `
[Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime] | Out-Null
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $xml.GetElementsByTagName('text')
$texts.Item(0).AppendChild($xml.CreateTextNode($env:TOLLGATE_TITLE)) | Out-Null
$texts.Item(1).AppendChild($xml.CreateTextNode($env:TOLLGATE_TEXT)) | Out-Null
$toast = [Windows.UI.Notifications.ToastNotification]::new($xml)
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('Tollgate').Show($toast)`;

/** The system's tool for one message. */
export const desktopProgram = (message: Message, platform: NodeJS.Platform): Shown =>
  notificationProgram(message.title, capital(shortText(message)) || message.title, platform);

/** The same for any text. */
export function notificationProgram(title: string, text: string, platform: NodeJS.Platform): Shown {
  if (platform === 'darwin') {
    return { file: 'osascript', words: [...APPLE_SCRIPT, title, text] };
  }
  if (platform === 'win32') {
    const words = ['-NoProfile', '-NonInteractive', '-Command', POWERSHELL];
    const variables = { TOLLGATE_TITLE: title, TOLLGATE_TEXT: text };
    return { file: 'powershell.exe', words, variables };
  }
  // Its text is markup to some desktops.
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return { file: 'notify-send', words: ['--app-name=Tollgate', '--', title, escaped] };
}

/** Shows a notification. */
export const desktop: Channel = (message, _settings, { env, signal }) => {
  const { file, words, variables } = desktopProgram(message, process.platform);
  return runProgram({ file, words, env: { ...env, ...variables }, stdin: null, signal });
};
