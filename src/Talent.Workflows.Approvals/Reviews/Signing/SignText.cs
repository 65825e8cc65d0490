using System.Text.Json;
using Talent.Workflows.Approvals.Panels;

namespace Talent.Workflows.Approvals.Reviews.Signing;

/// <summary>How definitions write who signs and by which rule.</summary>
public static class SignText
{
    /// <summary>The modes by their codes, with their words.</summary>
    public static readonly IReadOnlyList<(string Value, string Text)> Modes =
        [("single", "单人办理 one person"), ("all", "会签 all, together"), ("sequential", "依次会签 all, in turn"), ("any", "或签 whoever is first"), ("vote", "票签 by vote")];

    public static readonly IReadOnlyList<(string Value, string Text)> Bases = [("all", "全体 of all"), ("present", "到场（含弃权） of those who voted"), ("cast", "表决（不含弃权） of those for and against")];

    public static readonly IReadOnlyList<(string Value, string Text)> Ties = [("reject", "不通过 reject"), ("return", "退回 return"), ("approve", "通过 approve")];

    /// <exception cref="FormatException">A word that doesn't exist, or not a share.</exception>
    public static SignRule Rule(string? mode, string? pass, string? of, string? quorum, string? tie, bool waitForAll)
    {
        var rule = new SignRule { Mode = Word<SignMode>(mode ?? "single", Modes), WaitForAll = waitForAll };
        if (rule.Mode != SignMode.Vote)
        {
            return rule;
        }

        return rule with
        {
            Pass = Share.Parse(Given(pass) ?? ">1/2"),
            Of = Word<VoteBase>(Given(of) ?? "all", Bases),
            Quorum = Given(quorum) is { } share ? Share.Parse(share) : null,
            Tie = Word<DecisionOutcome>(Given(tie) ?? "reject", Ties),
        };
    }

    /// <summary>Members as <c>["user", { "user": "…", "weight": 2, "veto": true }]</c>.</summary>
    /// <exception cref="FormatException">Neither of the two.</exception>
    public static IReadOnlyList<SignSeat> Members(IReadOnlyList<JsonElement>? members) => [.. (members ?? []).Select(Member)];

    private static SignSeat Member(JsonElement member)
    {
        switch (member.ValueKind)
        {
            case JsonValueKind.String when member.GetString() is { Length: > 0 } user:
                return new SignSeat { Key = 0, User = user };
            case JsonValueKind.Object when member.TryGetProperty("user", out var named) && named.ValueKind == JsonValueKind.String && named.GetString() is { Length: > 0 } user:
                var weight = 1;
                if (member.TryGetProperty("weight", out var given) && (given.ValueKind != JsonValueKind.Number || !given.TryGetInt32(out weight)))
                {
                    throw new FormatException($"the weight of \"{user}\" isn't a whole number.");
                }

                return new SignSeat { Key = 0, User = user, Weight = weight, Veto = member.TryGetProperty("veto", out var veto) && veto.ValueKind == JsonValueKind.True };
            default:
                throw new FormatException($"{member.GetRawText()} is neither a user's id nor {{ \"user\", \"weight\", \"veto\" }}.");
        }
    }

    private static T Word<T>(string code, IReadOnlyList<(string Value, string Text)> words) where T : struct, Enum =>
        words.Any(w => w.Value == code) && Enum.TryParse<T>(code, ignoreCase: true, out var value) ? value
            : throw new FormatException($"\"{code}\" doesn't exist; use {string.Join(", ", words.Select(w => w.Value))}.");

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
