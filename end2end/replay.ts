// What a reader of the demonstration should learn at five moments of 8 April 2024 (UTC+8). The facts are those of the
// published review; the tests ask the page for them in words.

/** A service in the matrix: what its line says, and on wide pages the full-sentence names of its links. */
export interface Line {
  service: string;
  words: RegExp[];
  links?: RegExp[];
}

/** What the home page says. */
export interface Told {
  /** The first sentence. */
  headline: RegExp;
  /** The rest of the card: what else is affected, what is not, and when. */
  card: RegExp[];
  lines: Line[];
  /** What else stands on the page. */
  facts: RegExp[];
}

/** A moment, in both languages. */
export interface Moment {
  at: string;
  en: Told;
  zh: Told;
}

/**
 * A time with its zone, as the page writes it or as the browser does in the reader's own zone, which is the same here.
 * In Chinese a browser names the zone first.
 */
export function at(time: string): string {
  const zone = "(UTC|GMT)\\+8";
  return `(${time} ?${zone}|${zone} ?${time})`;
}

const unaffected = /Compute, Block Storage and Networking are not affected\./;
const unaffectedChinese = /计算、块存储和网络未受影响。/;

export const MOMENTS: Moment[] = [
  {
    at: "15:24",
    en: {
      headline: /^Cloud API and 6 services are down in all 17 regions\.$/,
      card: [unaffected, new RegExp(`Started ${at("15:23")}`)],
      lines: [
        { service: "Cloud API", words: [/major outage in all 17 regions/] },
        { service: "Console", words: [/major outage/] },
        { service: "Compute", words: [/operating in all 17 regions/] },
      ],
      facts: [/Investigating/, /Recovery work has begun\./],
    },
    zh: {
      headline: /^云 API 等 7 项服务在全部 17 个地域不可用。$/,
      card: [unaffectedChinese, new RegExp(at("15:23"))],
      lines: [
        { service: "云 API", words: [/全部 17 个地域严重中断/] },
        { service: "计算", words: [/全部 17 个地域运行正常/] },
      ],
      facts: [/恢复工作已经开始。/],
    },
  },
  {
    at: "15:58",
    en: {
      headline: /^Cloud API and 6 services are down in all 17 regions\.$/,
      card: [unaffected, new RegExp(`Next update by ${at("16:05")}`), new RegExp(at("15:23"))],
      lines: [
        { service: "Captcha", words: [/major outage in all 17 regions/] },
        { service: "Networking", words: [/operating in all 17 regions/] },
      ],
      facts: [/Identified/, /The root cause has been found: erroneous configuration data\./],
    },
    zh: {
      headline: /^云 API 等 7 项服务在全部 17 个地域不可用。$/,
      card: [unaffectedChinese, new RegExp(at("16:05"))],
      lines: [{ service: "验证码", words: [/全部 17 个地域严重中断/] }],
      facts: [/已找到根本原因：配置数据错误。/],
    },
  },
  {
    at: "16:06",
    en: {
      headline: /^Cloud API and 5 services are down in Shanghai\. 16 of 17 regions have recovered\.$/,
      card: [/Console is partly down\./, unaffected, new RegExp(`Recovery expected about ${at("16:30")}`)],
      lines: [
        {
          service: "Cloud API",
          words: [/Shanghai.*major outage/, /operating/],
          links: [new RegExp(`^Cloud API in Shanghai: major outage since ${at("15:23")}`)],
        },
        { service: "OCR", words: [/Shanghai.*major outage/, /operating/] },
        { service: "Console", words: [/partial outage/] },
        { service: "Block Storage", words: [/operating in all 17 regions/] },
      ],
      facts: [/Every region but Shanghai has recovered\./],
    },
    zh: {
      headline: /^云 API 等 6 项服务在上海不可用。17 个地域中已有 16 个恢复。$/,
      card: [unaffectedChinese, new RegExp(at("16:30"))],
      lines: [{ service: "云 API", words: [/上海.*严重中断/, /运行正常/], links: [/^云 API（上海）：自 .* 起严重中断/] }],
      facts: [/除上海外，其他地域均已恢复。/],
    },
  },
  {
    at: "16:46",
    en: {
      headline: /^Console has degraded performance\. All 17 regions have recovered\.$/,
      card: [unaffected, new RegExp(`Recovery expected about ${at("16:50")}`)],
      lines: [
        { service: "Cloud API", words: [/operating in all 17 regions/] },
        { service: "Console", words: [/degraded performance/] },
      ],
      facts: [/Monitoring/, /its capacity is being expanded nine-fold\./],
    },
    zh: {
      headline: /^控制台性能下降。17 个地域已全部恢复。$/,
      card: [unaffectedChinese, new RegExp(at("16:50"))],
      lines: [{ service: "云 API", words: [/全部 17 个地域运行正常/] }],
      facts: [/扩大到九倍。/],
    },
  },
  {
    at: "17:46",
    en: {
      headline: /^All services are operating\.$/,
      card: [],
      lines: [
        { service: "Cloud API", words: [/operating in all 17 regions/] },
        { service: "Console", words: [/operating/] },
      ],
      facts: [/Cloud API and console unavailable in all regions/, /8 April 2024/, /2 h 22 min/],
    },
    zh: {
      headline: /^所有服务运行正常。$/,
      card: [],
      lines: [{ service: "云 API", words: [/全部 17 个地域运行正常/] }],
      facts: [/所有地域的云 API 与控制台不可用/, /2024 ?年 ?4 ?月 ?8 ?日/],
    },
  },
];

/** The incident of the replay. */
export const INCIDENT = "cloudapi0408";
