/** Whether callgate itself serves this page; a static server has no denials to tell. */
export const isLive: boolean =
  document.querySelector<HTMLMetaElement>('meta[name="callgate-live"]')?.content === 'yes';
