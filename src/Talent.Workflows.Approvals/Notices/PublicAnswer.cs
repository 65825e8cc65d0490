using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Talent.Workflows.Approvals.Cases;

namespace Talent.Workflows.Approvals.Notices;

/// <summary>Answers that anyone may keep for a while: with an entity tag, and never longer than until the first notice in it closes.</summary>
internal static class PublicAnswer
{
    /// <summary>Seconds that a copy may be shown without asking again.</summary>
    public const int LongestSeconds = 60;

    /// <summary>Writes the caching headers of an answer.</summary>
    /// <param name="content">What decides whether two answers are the same.</param>
    /// <returns>Whether the client has just that already: it is answered with 304.</returns>
    public static bool IsKnown(HttpContext http, string content, DateTimeOffset now, IEnumerable<NoticeView> shown)
    {
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)))[..32]}\"";
        var closes = shown.Select(n => (n.Until - now).TotalSeconds).DefaultIfEmpty(LongestSeconds).Min();
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={(int)Math.Clamp(closes, 0, LongestSeconds)}");
        return http.Request.Headers.IfNoneMatch.SelectMany(t => (t ?? "").Split(',', StringSplitOptions.TrimEntries))
            .Any(t => t == "*" || (t.StartsWith("W/", StringComparison.Ordinal) ? t[2..] : t) == tag);
    }

    /// <summary>What decides whether two pages of notices are the same.</summary>
    public static string Of(Page<NoticeView> page) =>
        string.Join('\n', page.Items.Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Id:N} {n.State} {n.Sha256} {n.Editions.Count} {n.Until.UtcTicks}")).Append(page.Next));
}
