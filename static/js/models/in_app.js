// @ts-check
// Chat programs open links in a browser of their own, whose camera is not reliable.
const SHELLS =
  /MicroMessenger|\bQQ\/|DingTalk|AlipayClient|Weibo|aweme|BytedanceWebview|XiaoHongShu|Lark|Feishu|FBAN|FBAV|Instagram|\bLine\//i;

/** Whether the page stands inside another app. @param {string} userAgent */
export function isInApp(userAgent) {
  return SHELLS.test(userAgent);
}
