using System.Text;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Audit;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Employers;
using Talent.Workflows.Approvals.Notices;
using Talent.Workflows.Approvals.PersonalData;
using Talent.Workflows.Approvals.Submissions;
using Talent.Workflows.Approvals.Tests.Cases;
using Talent.Workflows.Approvals.Tests.Notices;
using Talent.Workflows.Runtime.Events;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

/// <summary>Columns that the release before kept in clear: how they come to be sealed, and that nothing is lost on the way.</summary>
public sealed class ConversionTests
{
    /// <summary>Personal words of the old rows, some of them without any number.</summary>
    private static readonly string[] Words =
    [
        ClearDatabase.Phone, ClearDatabase.Email, ClearDatabase.ObjectorPhone, ClearDatabase.Objector, "其工作经历与事实不符", "19900009814",
        "110199198602140254", "19900000054", "示范区样板路", "党委工作部副部长", "2006年5月加入", "1199042008001234",
    ];

    [Fact]
    public async Task Upgrade_WhenRowsAreInClear_ThenAllAreSealedAndNothingIsLost_R_AUD_2()
    {
        var db = await ClearDatabase.MakeAsync();
        await ClearDatabase.UpgradeAsync(db);
        await using var desk = await CaseDesk.OpenOnAsync(db);
        Assert.NotEmpty(await Canary.InAsync(db.DataSource)); // what is searched is really there
        await RequireReadableAsync(desk);
        var conversion = desk.Get<Conversion>();

        Assert.Equal(5, await conversion.LeftAsync(default));
        Assert.Equal(5, await conversion.RunAsync(default));

        Assert.Equal((0L, 0L), (await conversion.LeftAsync(default), await conversion.RunAsync(default)));
        await RequireReadableAsync(desk);
        await RequireNothingInClearAsync(db.DataSource);
        Assert.Equal("specialist", await desk.Scalar<string>($"select data->>'titleApplied' from approvals.case_data where case_id = '{ClearDatabase.Case}'"));
        // The key in use changes, and all that was sealed with the one before is sealed again.
        await desk.Get<DataKeys>().RotateAsync(default);
        Assert.True((await desk.Get<Reencryption>().RunAsync(default)).Changed > 5);
        Assert.Equal(0, await desk.Get<Reencryption>().LeftAsync(default));
        Assert.Equal(0L, await desk.Scalar<long>("""
            select (select count(*) from approvals.users where key_id < 2) + (select count(*) from approvals.case_data where key_id < 2)
                + (select count(*) from approvals.objections where key_id < 2) + (select count(*) from approvals.objection_files where key_id < 2) + (select count(*) from approvals.submissions where key_id < 2)
            """));
        await RequireReadableAsync(desk);
    }

    [Fact]
    public async Task Upgrade_WhenANodeOfTheReleaseBeforeStillRuns_ThenEverythingStaysAsThatOneReadsIt_R_AUD_2()
    {
        var db = await ClearDatabase.MakeAsync();
        await ClearDatabase.UpgradeAsync(db);
        // It was heard of a moment ago; it names no level.
        await ClearDatabase.ExecuteAsync(db, "insert into engine.nodes (id, name, started_at, seen_at) values (gen_random_uuid(), 'old', $1, $1)", CaseDesk.Local("2026-09-21 09:00").AddSeconds(-10));
        await using var desk = await CaseDesk.OpenOnAsync(db);
        await desk.Get<NodeService>().FollowAsync(default);
        var conversion = desk.Get<Conversion>();

        Assert.Equal(0, await conversion.RunAsync(default));
        var filed = await desk.SubmittedAsync();
        Assert.Equal("19900000001", await desk.Scalar<string>("select phone from approvals.users where id = 'bureau-reviewer-1'"));
        Assert.Equal("19900000054", await desk.Scalar<string>($"select data->>'phone' from approvals.case_data where case_id = '{filed.Id}'"));
        await filed.Told();
        await RequireReadableAsync(desk);

        desk.Time.SetTo(desk.Time.GetUtcNow() + SealingStart.Gone);
        await desk.Get<NodeService>().FollowAsync(default);
        Assert.True(await conversion.RunAsync(default) > 5);

        await RequireReadableAsync(desk);
        await RequireNothingInClearAsync(db.DataSource);
        Assert.Equal("19900000054", (await filed.Read()).Data["1"].GetProperty("phone").GetString());
        // One that is late doesn't turn it back.
        await desk.Execute("update engine.nodes set seen_at = now() + interval '10 years' where name = 'old'");
        Assert.True(await new SealingStart(desk.Database, desk.Get<Talent.Workflows.Runtime.Timers.BusinessClock>()).HasBegunAsync(default));
    }

    [Fact]
    public async Task Run_WhenThereAreMoreRowsThanABatchAndOneIsBeingWritten_ThenAllOthersAreSealedAndThatOneInTheNextRound_R_AUD_2()
    {
        var db = await ClearDatabase.MakeAsync(2 * Conversion.BatchRows + 10);
        await ClearDatabase.UpgradeAsync(db);
        await using var desk = await CaseDesk.OpenOnAsync(db);
        await using var connection = await desk.Database.OpenConnectionAsync();
        await using var writing = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("update approvals.users set phone = '19900009899' where id = 'many-7'", connection))
            await command.ExecuteNonQueryAsync();

        await desk.Get<Conversion>().RunAsync(default);
        Assert.Equal(1, await desk.Get<Conversion>().LeftAsync(default));
        await writing.CommitAsync();
        Assert.Equal(1, await desk.Get<Conversion>().RunAsync(default));

        Assert.Equal("19900009899", (await ContactsAsync(desk, "many-7")).Phone);
        await RequireNothingInClearAsync(db.DataSource);
    }

    [Fact]
    public async Task CaseData_WhenItIsSealed_ThenTheAuditsHashFitsWhatIsOpenedAndTheChainHolds_R_AUD_1_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();

        var data = (await filed.Read()).Data["1"];

        Assert.Contains(Digest.Of(CanonicalJson.Of(data.GetRawText())), await desk.Scalar<string>($"select details from approvals.audit where case_id = '{filed.Id}' and action = 'case.created'"), StringComparison.Ordinal);
        Assert.True((await desk.Get<AuditVerification>().VerifyAsync(default)).IsWhole);
        var row = await desk.Scalar<string>($"select to_jsonb(d)::text from approvals.case_data d where case_id = '{filed.Id}'");
        Assert.Contains("specialist", row, StringComparison.Ordinal);
        Assert.All((string[])["110199198602140254", "19900000054", "李示例", "样板路", "党委工作部"], word => Assert.DoesNotContain(word, row, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CaseData_WhenASealedValueStandsInAnotherCase_ThenItIsNotOpened_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var (one, other) = (await desk.DraftAsync(), await desk.DraftAsync());
        await desk.Execute($"update approvals.case_data d set sealed = o.sealed from approvals.case_data o where d.case_id = '{one.Id}' and o.case_id = '{other.Id}'");

        var failure = await Assert.ThrowsAsync<SealedValueException>(() => one.Read());

        Assert.DoesNotContain("19900000054", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal("19900000054", (await other.Read()).Data["1"].GetProperty("phone").GetString());
    }

    [Fact]
    public async Task Objections_WhenOneIsFiled_ThenWhoAndWhatIsSealedAndTheClerkReadsIt_R_AUD_2()
    {
        await using var desk = await NoticeDesk.OpenAsync();
        var notice = await desk.NoticeAsync();
        var pdf = SampleFiles.Pdf("19900009822");
        await desk.Commands.ObjectAsync(notice.Id, new Objection { ContactName = "白路人", Phone = "19900009821", Statement = "所填学历不实。", Evidence = [new Evidence(pdf)] },
            System.Net.IPAddress.Loopback, default);

        var rows = await desk.Desk.Scalar<string>("select string_agg(to_jsonb(o)::text, ' ') || (select string_agg(to_jsonb(f)::text, ' ') from approvals.objection_files f) from approvals.objections o");

        Assert.All(((string[])["白路人", "19900009821", "所填学历不实", "19900009822"]).SelectMany(Spellings), word => Assert.DoesNotContain(word, rows, StringComparison.OrdinalIgnoreCase));
        var read = Assert.Single((await desk.Reader.ObjectionsAsync(notice.Id, null, null, desk.Clerk.Caller, default)).Items);
        Assert.Equal(("白路人", "19900009821", "所填学历不实。", pdf.Length), (read.Name, read.Phone, read.Text, Assert.Single(read.Evidence).Bytes));
        Assert.Equal(pdf, (await desk.Reader.EvidenceAsync(notice.Id, read.Id, 1, desk.Clerk.Caller, default)).Content);
    }

    /// <summary>What the old rows say, as the features read it.</summary>
    private static async Task RequireReadableAsync(CaseDesk desk)
    {
        Assert.Equal((ClearDatabase.Phone, ClearDatabase.Email), await ContactsAsync(desk, ClearDatabase.User));
        var values = (await CaseValues.ReadAsync(desk.Database, desk.Get<CaseVault>(), ClearDatabase.Case, default))!;
        foreach (var field in JsonDocument.Parse(ClearDatabase.Data).RootElement.EnumerateObject().Where(f => f.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number))
            Assert.Equal(field.Value.ToString(), values[$"data.{field.Name}"]);
        var store = desk.Get<NoticeStore>();
        var objector = (await store.ObjectorAsync(ClearDatabase.Objection, default))!;
        Assert.Equal((ClearDatabase.Objector, ClearDatabase.ObjectorPhone, null), (objector.Name, objector.Phone, objector.Email));
        Assert.Equal(ClearDatabase.File, await store.EvidenceAsync(ClearDatabase.Objection, 1, default));
        Assert.Equal(ClearDatabase.File.Length, Assert.Single(await store.FilesAsync([ClearDatabase.Objection], default)).Bytes);
        var list = Assert.Single(await desk.Rows("select content, content_sealed, checksum, coalesce(key_id, 0) from approvals.submissions", r =>
            (Clear: r.IsDBNull(0) ? null : r.GetString(0), Sealed: r.IsDBNull(1) ? null : r.GetFieldValue<byte[]>(1), Checksum: r.GetString(2), KeyId: r.GetInt32(3))));
        Assert.Equal(ClearDatabase.List, list.Clear ?? SealedContent.Open(await desk.Get<DataKeys>().RingAsync(list.KeyId, default), ClearDatabase.Case, list.Sealed!, list.Checksum));
        Assert.Equal(ClearDatabase.Statement, Assert.Single(await store.ObjectionsAsync(ClearDatabase.Notice, [], [ClearDatabase.Objection], null, null, 10, default)).Statement);
    }

    private static async Task<(string? Phone, string? Email)> ContactsAsync(CaseDesk desk, string user)
    {
        var row = Assert.Single(await desk.Rows($"select {UserContacts.Columns} from approvals.users u where u.id = '{user}'", r => UserContacts.Read(r)));
        return row.Open(await desk.Get<DataKeys>().RingAsync(row.KeyId ?? 0, default));
    }

    /// <summary>Like a dump: every table, every row, bytes too.</summary>
    private static async Task RequireNothingInClearAsync(NpgsqlDataSource database)
    {
        Assert.Empty(await Canary.InAsync(database));
        var tables = new List<string>();
        await using (var command = database.CreateCommand("select format('%I.%I', table_schema, table_name) from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"))
        await using (var reader = await command.ExecuteReaderAsync())
            while (await reader.ReadAsync())
                tables.Add(reader.GetString(0));
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand($"select coalesce(string_agg(r::text, E'\\n'), '') from {table} r");
            var text = (string)(await command.ExecuteScalarAsync())!;
            Assert.All(Words.SelectMany(Spellings), word => Assert.False(text.Contains(word, StringComparison.OrdinalIgnoreCase), $"{table} holds {word}."));
        }
    }

    private static IEnumerable<string> Spellings(string word) => [word, JsonEncodedText.Encode(word).ToString(), Convert.ToHexStringLower(Encoding.UTF8.GetBytes(word))];
}
