using System.Text.Json;

namespace Talent.Workflows.Approvals.Panels;

/// <summary>Makes a draw again from its published record alone, and compares.</summary>
/// <remarks>Source: R-PAN-1.</remarks>
public static class DrawVerification
{
    /// <returns>Every check in order, up to the first that fails.</returns>
    public static IReadOnlyList<DrawCheck> Verify(ReadOnlySpan<byte> file)
    {
        var checks = new List<DrawCheck>();
        DrawRecord record;
        try
        {
            record = DrawRecord.Read(file);
        }
        catch (FormatException e)
        {
            return [new(false, "不是可识别的抽取记录", $"It is no draw record: {e.Message}")];
        }
        if (!Check(file.SequenceEqual(record.Write()), "记录保持原样，未经改写", "The record is as it was written, byte for byte"))
            return checks;
        if (!Check(PoolRecord.HashOf(record.Pool) == record.Draw.PoolHash, $"专家库记录与摘要一致 {record.Draw.PoolHash}", "The pool's record has the hash that was recorded"))
            return checks;
        try
        {
            var pool = PoolRecord.Read(record.Pool);
            if (!Check((record.Format == DrawRecord.CurrentFormat) == (pool.Rules is not null), RulesZh(record), RulesEn(record)))
                return checks;
            if (Seed(record, Check) is not { } seed || !Check(seed == record.Draw.Seed, $"种子可重新算出 {record.Draw.Seed}", "The seed can be computed again"))
                return checks;
            var again = Replay(record, pool, seed);
            Check(JsonSerializer.Serialize(again, PanelJson.Options) == JsonSerializer.Serialize(record.Draw, PanelJson.Options),
                $"按种子重新抽取，{record.Draw.Sequence.Length} 人的顺序、{record.Draw.Excluded.Length} 人的回避、{record.Draw.Seats.Length} 个席位及历次递补均一致",
                "Drawn again, the sequence, the exclusions, the seats and every substitution are the same");
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or NullReferenceException or IndexOutOfRangeException)
        {
            Check(false, "记录内容不能重新抽取", $"The record can't be drawn again: {e.Message}");
        }
        return checks;

        bool Check(bool holds, string zh, string en)
        {
            checks.Add(new(holds, zh, en));
            return holds;
        }
    }

    private static string? Seed(DrawRecord record, Func<bool, string, string, bool> check)
    {
        if (record.Attempts.IsEmpty)
            return record.Nonce is { } nonce ? DrawSeed.OfServer(record.CaseId, record.Visit, Convert.FromHexString(nonce)) : null;
        for (var i = 0; i < record.Attempts.Length; i++)
        {
            var (attempt, last) = (record.Attempts[i], i == record.Attempts.Length - 1);
            var fine = attempt.Number == i + 1 && attempt.Parties.Select(p => p.Party).SequenceEqual([0, 1]) && attempt.Parties[0].UserId != attempt.Parties[1].UserId
                && attempt.Parties[0].Commitment != attempt.Parties[1].Commitment
                && attempt.Parties.All(p => attempt.PoolReadAt >= p.CommittedAt && (p.Nonce is null || (p.RevealedAt >= attempt.PoolReadAt && DrawSeed.Commitment(Convert.FromHexString(p.Nonce)) == p.Commitment)))
                && attempt.Parties.All(p => p.Nonce is not null) == last;
            if (!check(fine, last ? $"第 {i + 1} 次：双方先承诺、后读取专家库、再公布随机数，公布与承诺一致" : $"第 {i + 1} 次：有一方未公布，已重新开始",
                    last ? $"Attempt {i + 1}: both committed, then the pool was read, then both revealed what they had committed to" : $"Attempt {i + 1}: a party didn't reveal; it began anew"))
                return null;
        }
        var drawn = record.Attempts[^1];
        if (!check(drawn.PoolHash == record.Draw.PoolHash, "公布随机数之前记录的专家库摘要即抽取所用", "The pool's hash recorded before the nonces were revealed is the one drawn from"))
            return null;
        return DrawSeed.OfTwo(record.PanelId, drawn.Number, drawn.Parties[0].Nonce!, drawn.Parties[1].Nonce!, drawn.PoolHash!);
    }

    private static string RulesZh(DrawRecord record) => record.Format == DrawRecord.CurrentFormat
        ? "抽取规则（席位、专业、次数上限）载于专家库记录，随其摘要一并固定" : $"旧版记录（{DrawRecord.FirstFormat}）：摘要不含抽取规则，不能证明规则未在事后改动";

    private static string RulesEn(DrawRecord record) => record.Format == DrawRecord.CurrentFormat
        ? "The rules (seats, fields, limit of load) are part of the pool's record, and so of its hash"
        : $"A record of an earlier release ({DrawRecord.FirstFormat}): its hash doesn't cover the rules, so nothing proves that they weren't changed afterwards";

    private static PanelDraw Replay(DrawRecord record, PoolRecord pool, string seed)
    {
        var draw = PanelDraw.Draw(pool, seed, record.Draw.Rules);
        foreach (var move in record.Draw.Moves ?? [])
        {
            if (move.Left is { } left)
            {
                draw = draw.Leave(left);
                continue;
            }
            var number = move.Addition ?? throw new FormatException("a move says neither who left nor what was added");
            var (at, added) = (PoolRecord.Read(record.AdditionPools[number]), record.Draw.Additions!.Value[number]);
            draw = draw.Extend(at, move.Absent ?? [], added.Appointed, added.Reason);
        }
        return draw;
    }
}

/// <summary>One thing that was checked, and whether it holds.</summary>
public sealed record DrawCheck(bool Holds, string Zh, string En);
