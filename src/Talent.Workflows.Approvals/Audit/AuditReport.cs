using System.Security.Cryptography;

namespace Talent.Workflows.Approvals.Audit;

/// <summary>What a verification found; whole when there are no findings.</summary>
/// <param name="Cases">Chains checked.</param>
/// <param name="Records">Records checked.</param>
/// <param name="Checkpoints">Checkpoints checked.</param>
/// <param name="Findings">At most 1000, each naming what is wrong where.</param>
public sealed record AuditReport(int Cases, long Records, int Checkpoints, IReadOnlyList<AuditFinding> Findings)
{
    public bool IsWhole => Findings.Count == 0;
}

/// <summary>One thing that isn't as it was written.</summary>
/// <param name="CaseId">Null: a checkpoint.</param>
/// <param name="Seq">The first record that is wrong, or the number of the checkpoint from 1.</param>
/// <param name="Zh">For people, Chinese first.</param>
public sealed record AuditFinding(string? CaseId, long Seq, string What, string Zh);

/// <summary>Checks chains and checkpoints as they come: first the checkpoints, then case by case. No database: the same for an export.</summary>
/// <param name="publicKeyPems">One or more public keys in PEM form, one after the other.</param>
public sealed class AuditCheck(string publicKeyPems)
{
    private readonly Dictionary<string, string> keys = Split(publicKeyPems);
    private const int MostFindings = 1000;
    private readonly Dictionary<string, List<CaseHead>> heads = new(StringComparer.Ordinal);
    private readonly List<AuditFinding> findings = [];
    private AuditCheckpoint? previous;
    private int checkpoints;
    private int cases;
    private long records;

    /// <summary>The next checkpoint, oldest first, with the heads it stands for.</summary>
    public void Checkpoint(AuditCheckpoint checkpoint, IReadOnlyList<CaseHead> itsHeads)
    {
        checkpoints++;
        var verdict = Verify(checkpoint, itsHeads);
        if (verdict != CheckpointVerdict.Genuine)
            Add(new AuditFinding(null, checkpoints, verdict.ToString(), $"第 {checkpoints} 个检查点异常"));
        foreach (var head in itsHeads)
            (heads.TryGetValue(head.CaseId, out var known) ? known : heads[head.CaseId] = []).Add(head);
        previous = checkpoint;
    }

    /// <summary>The whole chain of one case.</summary>
    /// <param name="headInInstance">The head that the instance's own row holds; null: not known (offline).</param>
    public void Case(string caseId, IReadOnlyList<AuditRecord> chain, byte[]? headInInstance)
    {
        cases++;
        records += chain.Count;
        heads.Remove(caseId, out var sealedHeads);
        foreach (var head in (IEnumerable<CaseHead?>?)sealedHeads ?? [null])
            if (AuditChain.Verify(chain, head) is { IsWhole: false } verdict)
            {
                Add(new AuditFinding(caseId, verdict.BrokenSeq!.Value, verdict.Reason.ToString(), $"案件 {caseId} 第 {verdict.BrokenSeq} 条记录{Word(verdict.Reason)}"));
                return;
            }
        if (headInInstance is not null && (chain.Count == 0 || !headInInstance.AsSpan().SequenceEqual(chain[^1].Hash)))
            Add(new AuditFinding(caseId, chain.Count + 1L, AuditBreak.Missing.ToString(), $"案件 {caseId} 的最后记录缺失或被改"));
    }

    /// <summary>What was found; a sealed case that never came is missing.</summary>
    public AuditReport Report()
    {
        foreach (var lost in heads.Keys.Order(StringComparer.Ordinal))
            Add(new AuditFinding(lost, 1, AuditBreak.Missing.ToString(), $"案件 {lost} 的全部记录缺失"));
        heads.Clear();
        return new AuditReport(cases, records, checkpoints, [.. findings]);
    }

    // One without a key's name was sealed before keys were registered: whichever key fits.
    private CheckpointVerdict Verify(AuditCheckpoint checkpoint, IReadOnlyList<CaseHead> itsHeads) =>
        (checkpoint.KeyId is not { } id ? keys.Values : keys.TryGetValue(id, out var named) ? (IEnumerable<string>)[named] : [])
            .Select(pem => checkpoint.Verify(itsHeads, previous, pem)).FirstOrDefault(v => v != CheckpointVerdict.BadSignature, CheckpointVerdict.BadSignature);

    private static Dictionary<string, string> Split(string pems)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var rest = pems.AsSpan(); PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            var pem = rest[fields.Location].ToString();
            keys[AuditKey.IdOf(pem)] = pem;
        }
        return keys;
    }

    private void Add(AuditFinding finding)
    {
        if (findings.Count < MostFindings)
            findings.Add(finding);
    }

    private static string Word(AuditBreak reason) => reason switch { AuditBreak.Missing => "缺失", AuditBreak.Reordered => "次序颠倒", _ => "已被修改" };
}
