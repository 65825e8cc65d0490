namespace Talent.Workflows.Approvals.Letters;

/// <summary>How a letter looks: A4, as official documents 公文 do (GB/T 9704: margins, title in Song, body in FangSong of 16 pt, 28 pt from line to line, page numbers outside below; no signature stands alone on a page).</summary>
internal static class LetterStyle
{
    public const string Css = """
        @page{size:A4;margin:37mm 26mm 35mm 28mm}@page:right{@bottom-right{content:"— " counter(page) " —";font:14pt "SimSun","宋体","Noto Serif CJK SC",serif}}@page:left{@bottom-left{content:"— " counter(page) " —";font:14pt "SimSun","宋体","Noto Serif CJK SC",serif}}
        .whole{white-space:nowrap}p{orphans:2;widows:2}h1,h3,.issuer,.number,.to{break-after:avoid}
        *{box-sizing:border-box}body{margin:0;background:#fff;color:#000;font:16pt/28pt "FangSong","仿宋","FangSong_GB2312","STFangsong","Noto Serif CJK SC","Source Han Serif SC","Songti SC","SimSun",serif}
        main,section{max-width:156mm;margin:0 auto;padding:0}p{margin:0;text-indent:2em;text-align:justify;overflow-wrap:anywhere}
        h1,.issuer{font:22pt/32pt "FZXiaoBiaoSong-B05S","方正小标宋简体","SimSun","宋体","STSong","Songti SC","Noto Serif CJK SC",serif;font-weight:700;text-align:center;text-indent:0;margin:0}
        .number{text-align:right;text-indent:0;margin:14pt 0 14pt}.to{text-indent:0}h3{font:16pt/28pt "SimHei","黑体","Noto Sans CJK SC",sans-serif;font-weight:400;margin:0;text-indent:2em}
        .attachment{margin-top:14pt;text-indent:0;padding-left:2em}.attachment+.attachment{margin-top:0;padding-left:5em}
        .signature{position:relative;width:fit-content;min-width:42mm;margin:42pt 8mm 0 auto;break-inside:avoid;break-before:avoid}.signature p{text-indent:0;text-align:center}
        .signature .seal{position:absolute;left:50%;top:28pt;width:42mm;height:42mm;margin:-21mm 0 0 -21mm;border:1px dashed #b8b8b8;border-radius:50%;color:#9a9a9a;font-size:11pt;line-height:13mm}
        .translation{break-before:page;font:11pt/17pt "Times New Roman","Noto Serif","Noto Serif CJK SC",serif;padding-top:8mm}.translation p{text-indent:0;margin:0 0 8pt;text-align:left}
        .translation h2{font-size:15pt;line-height:20pt;text-align:center;margin:0 0 8pt}.translation h3{font:inherit;font-weight:700;text-indent:0;margin:0 0 8pt}.translation .number{text-align:right}.translation .hint{color:#555;font-size:9pt}.translation .signature{margin-top:20pt}
        @media screen{body{background:#eceef1}main,section{max-width:210mm;min-height:297mm;margin:8mm auto;padding:37mm 26mm 35mm 28mm;background:#fff;box-shadow:0 1px 6px rgba(0,0,0,.25)}}
        @media screen and (max-width:210mm){main,section{margin:0;padding:1.5rem;min-height:0;box-shadow:none}}
        """;
}
