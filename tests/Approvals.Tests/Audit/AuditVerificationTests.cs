using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Tests.Cases;

namespace Talent.Workflows.Approvals.Tests.Audit;

public sealed class AuditVerificationTests : IAsyncLifetime
{
    private CaseDesk desk = null!;
    private FiledCase filed = null!;

    public async Task InitializeAsync()
    {
        desk = await CaseDesk.OpenAsync();
        filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await desk.DraftAsync();
    }

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Fact]
    public async Task Audit_WhenNothingWasTouched_ThenItIsWhole_R_AUD_1()
    {
        // Transactions of other tests may hold back the latest records for a moment: then a case is sealed in two goes.
        Assert.InRange(await SealAllAsync(), 2, 4);
        Assert.Equal(0, await SealAllAsync());
        await desk.As("unit-assets-reviewer-1").Approve(filed);
        Assert.Equal(1, await SealAllAsync());

        var report = await desk.Get<AuditVerification>().VerifyAsync(default);

        Assert.Empty(report.Findings);
        Assert.Equal((2, 6L), (report.Cases, report.Records));
        Assert.InRange(report.Checkpoints, 2, 5);
    }

    [Theory]
    [InlineData("update approvals.audit set user_id = 'emp-metro-reviewer-2' where seq = 3", 3L)]
    [InlineData("update approvals.audit set details = '{\"outcome\":\"reject\"}' where seq = 3", 3L)]
    [InlineData("delete from approvals.audit where seq = 2 and case_id = (select case_id from approvals.audit where seq = 3)", 2L)]
    [InlineData("delete from approvals.audit where seq = 3", 3L)]
    public async Task Audit_WhenARecordWasTamperedWith_ThenTheFirstWrongOneIsNamed_R_AUD_1(string tampering, long seq)
    {
        await TamperAsync(tampering);

        var finding = Assert.Single((await desk.Get<AuditVerification>().VerifyAsync(default)).Findings);

        Assert.Equal((filed.Id.ToString(), seq), (finding.CaseId, finding.Seq));
    }

    [Fact]
    public async Task Audit_WhenAWholeCaseVanishesAfterItWasSealed_ThenItIsMissed_R_AUD_1()
    {
        await SealAllAsync();
        await TamperAsync("delete from approvals.audit where case_id = (select case_id from approvals.audit where seq = 3)");
        await desk.Execute("delete from engine.instances where version = 3");

        var finding = Assert.Single((await desk.Get<AuditVerification>().VerifyAsync(default)).Findings);

        Assert.Equal((filed.Id.ToString(), "Missing"), (finding.CaseId, finding.What));
    }

    [Fact]
    public async Task Audit_WhenChangedInPlace_ThenTheDatabaseRefuses_R_AUD_1()
    {
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => desk.Execute("update approvals.audit set user_id = 'x'"));

        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WhenVerifiedOffline_ThenTamperingAndAForeignKeyShow_R_AUD_1()
    {
        await SealAllAsync();
        using var export = new MemoryStream();
        await desk.Get<AuditVerification>().ExportAsync(export, default);
        var key = desk.Get<AuditKey>().PublicPem;
        using var foreign = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var text = System.Text.Encoding.UTF8.GetString(export.ToArray());

        Assert.Empty((await VerifyAsync(text, key)).Findings);
        Assert.Contains("emp-metro-reviewer-1", text, StringComparison.Ordinal);
        Assert.Equal(4L, Assert.Single((await VerifyAsync(text.Replace("emp-metro-reviewer-1", "emp-metro-reviewer-9", StringComparison.Ordinal), key)).Findings).Seq);
        Assert.All((await VerifyAsync(text, foreign.ExportSubjectPublicKeyInfoPem())).Findings, f => Assert.Equal("BadSignature", f.What));
    }

    [Fact]
    public async Task Seal_WhenANodeHasAKeyOfItsOwn_ThenItIsRefusedUntilRegisteredAndBothVerify_R_AUD_1()
    {
        await SealAllAsync();
        var folder = Directory.CreateTempSubdirectory("talent-keys-").FullName;
        var foreign = new AuditKey(Microsoft.Extensions.Options.Options.Create(new ApprovalOptions { AuditKeyFile = Path.Combine(folder, "other.pem") }));
        var keys = new AuditKeys(desk.Database, desk.Get<Talent.Workflows.Runtime.Timers.BusinessClock>(), foreign);
        var other = new AuditSealing(desk.Database, desk.Get<Talent.Workflows.Runtime.Timers.BusinessClock>(), foreign, keys);
        await desk.As("unit-assets-reviewer-1").Approve(filed);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => other.SealAsync(default));
        Assert.Contains(foreign.Id, refusal.Message, StringComparison.Ordinal);

        Assert.Equal(foreign.Id, await keys.RegisterAsync(default));
        Assert.Null(await keys.RegisterAsync(default));
        var count = 0;
        while (count == 0)
            count = await other.SealAsync(default);
        var report = await new AuditVerification(desk.Database, desk.Get<AuditKeys>()).VerifyAsync(default);
        using var export = new MemoryStream();
        await desk.Get<AuditVerification>().ExportAsync(export, default);
        var text = System.Text.Encoding.UTF8.GetString(export.ToArray());
        Directory.Delete(folder, recursive: true);

        Assert.Empty(report.Findings);
        Assert.Empty((await VerifyAsync(text, await keys.PublicPemsAsync(default))).Findings);
        Assert.Contains((await VerifyAsync(text, desk.Get<AuditKey>().PublicPem)).Findings, f => f.What == "BadSignature");
        await desk.Execute("update approvals.audit_checkpoints set key_id = null");
        Assert.Empty((await desk.Get<AuditVerification>().VerifyAsync(default)).Findings);
    }

    /// <summary>Transactions of other tests on the same server hold the tail back for a moment; sealed is what has passed it.</summary>
    private async Task<int> SealAllAsync()
    {
        var count = 0;
        do
            count += await desk.Get<AuditSealing>().SealAsync(default);
        while (await desk.Scalar<bool>("select exists (select from engine.journal where xid >= coalesce((select up_to from approvals.audit_checkpoints order by id desc limit 1), '0'))"));
        return count;
    }

    private static async Task<AuditReport> VerifyAsync(string export, string publicKey)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(export));
        return await AuditVerification.VerifyExportAsync(stream, publicKey, default);
    }

    /// <summary>Somebody who owns the database can switch the trigger off; the chain shows it all the same.</summary>
    private Task TamperAsync(string sql) => desk.Execute($"alter table approvals.audit disable trigger all; {sql}; alter table approvals.audit enable trigger all");
}
