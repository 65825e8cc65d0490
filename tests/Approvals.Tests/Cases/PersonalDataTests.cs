using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;

namespace Talent.Workflows.Approvals.Tests.Cases;

public sealed class PersonalDataTests
{
    [Fact]
    public async Task EngineTables_WhenACaseHasRun_ThenTheyHoldNoNameNumberOrOpinion_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.As("emp-metro-reviewer-1").Return(filed, "补正意见甲乙丙");
        await filed.Supplement(filed.Sample.Correction!.Data, "补正说明丁戊己");
        await desk.As("emp-metro-reviewer-1").Approve(filed, "审核意见庚辛壬");
        await filed.Withdraw("撤回原因子丑寅");
        string[] personal = ["李示例", "110199198602140254", "19900000054", "示范区样板路", "applicant-li@talent", "补正意见甲乙丙", "补正说明丁戊己", "审核意见庚辛壬", "撤回原因子丑寅", "党委工作部"];

        // The outbox is read before it is delivered.
        foreach (var table in (string[])["engine.instances", "engine.journal", "engine.outbox", "engine.signals", "engine.receipts", "approvals.audit", "approvals.tasks"])
        {
            var columns = table == "approvals.tasks" ? "to_jsonb(r) - 'opinion'" : "to_jsonb(r)";
            var rows = await desk.Scalar<string>($"""
                select coalesce(string_agg(({columns})::text, ' '), '') || coalesce(string_agg(convert_from(decode(substr(b.value, 3), 'hex'), 'UTF8'), ' '), '')
                from {table} r left join lateral (select value from jsonb_each_text(to_jsonb(r)) where key in ('state', 'entries', 'payload', 'answer') and starts_with(value, '\x')) b on true
                """);
            if (table is "engine.instances" or "engine.journal" or "engine.outbox")
                Assert.Contains("employer-review", rows, StringComparison.Ordinal); // what is searched is really there
            if (table == "engine.outbox")
                Assert.Contains(Escaped("用人单位审核"), rows, StringComparison.Ordinal);
            foreach (var word in personal)
            {
                Assert.DoesNotContain(word, rows, StringComparison.Ordinal);
                Assert.DoesNotContain(Escaped(word), rows, StringComparison.OrdinalIgnoreCase);
            }
        }
        Assert.Contains("审核意见庚辛壬", await desk.Scalar<string>("select string_agg(opinion, ' ') from approvals.tasks"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_WhenTheReaderHasNothingToDoInTheCase_ThenNumbersAreMasked_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        string[] numbers = ["110199198602140254", "19900000054"];

        foreach (var (user, full) in ((string, bool)[])[("emp-metro-reviewer-1", true), ("unit-assets-reviewer-1", false), ("bureau-reviewer-1", false)])
        {
            var data = (await desk.Get<CaseReader>().ReadAsync(desk.As(user).Caller, filed.Id, default)).Data["1"].GetRawText();
            Assert.All(numbers, number => Assert.Equal(full, data.Contains(number, StringComparison.Ordinal)));
            Assert.Contains(full ? "19900000054" : "199****0054", data, StringComparison.Ordinal);
        }
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        Assert.Contains("110199********0254", (await desk.Get<CaseReader>().ReadAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, default)).Data["1"].GetRawText(), StringComparison.Ordinal);
        Assert.Contains(numbers[0], (await desk.Get<CaseReader>().ReadAsync(filed.Applicant.Caller, filed.Id, default)).Data["1"].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_WhenReadInFullBySomebodyElse_ThenTheReadIsRecordedWithoutTheData_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        var reader = desk.Get<CaseReader>();

        await reader.ReadAsync(filed.Applicant.Caller, filed.Id, default);
        await reader.ReadAsync(desk.As("unit-assets-reviewer-1").Caller, filed.Id, default);
        Assert.Equal(0L, await desk.Scalar<long>("select count(*) from approvals.data_reads"));
        await reader.ReadAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, default, "核对身份证 110199198602140254，电话 19900000054");

        var row = await desk.Scalar<string>("select to_jsonb(r)::text from approvals.data_reads r");
        var read = System.Text.Json.JsonDocument.Parse(row).RootElement;
        Assert.Equal((filed.Id.ToString(), "emp-metro-reviewer-1", "key:test", "decide claim", "核对身份证 ***，电话 ***"),
            (read.GetProperty("case_id").GetString(), read.GetProperty("user_id").GetString(), read.GetProperty("credential").GetString(), read.GetProperty("purpose").GetString(), read.GetProperty("reason").GetString()));
        Assert.NotEmpty(read.GetProperty("fields").EnumerateArray());
        Assert.All(read.GetProperty("fields").EnumerateArray(), f => Assert.StartsWith("1.", f.GetString(), StringComparison.Ordinal));
        foreach (var word in (string[])["110199198602140254", "19900000054", "李示例"])
            Assert.DoesNotContain(word, row, StringComparison.Ordinal);
        // After the decision the reader sees masked data, which isn't recorded.
        await desk.As("emp-metro-reviewer-1").Approve(filed);
        await reader.ReadAsync(desk.As("emp-metro-reviewer-1").Caller, filed.Id, default);
        Assert.Equal(1L, await desk.Scalar<long>("select count(*) from approvals.data_reads"));
    }

    [Fact]
    public async Task Data_WhenNobodyIsNamedOrTheTaskIsntTheKeysToDo_ThenNumbersAreMasked_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Execute("insert into approvals.user_roles values ('emp-metro-reviewer-1', 'employer.handler', 'emp-metro')");
        var reviewer = desk.As("emp-metro-reviewer-1").Caller;
        var handler = reviewer with { Roles = new HashSet<string> { "employer.handler" } };

        foreach (var (caller, full) in ((Caller, bool)[])[(reviewer with { User = null }, false), (handler, false), (reviewer with { Roles = new HashSet<string> { "employer.reviewer" } }, true)])
        {
            var view = await desk.Get<CaseReader>().ReadAsync(caller, filed.Id, default);
            Assert.Equal(full, view.Data["1"].GetRawText().Contains("110199198602140254", StringComparison.Ordinal));
            Assert.Equal(full, view.NextActions.Any(a => a.Action == "decide"));
        }
    }

    [Fact]
    public async Task Data_WhenTheDocumentIsAnother_ThenItsNumberIsMaskedToo_R_AUD_2()
    {
        await using var desk = await CaseDesk.OpenAsync();
        var filed = await desk.SubmittedAsync();
        await desk.Execute("""update approvals.case_data set data = data || '{"otherDocumentNumber":"810000199001010017"}'""");

        var shown = (await filed.Read(desk.As("bureau-reviewer-1"))).Data["1"].GetProperty("otherDocumentNumber").GetString();

        Assert.Equal("810000********0017", shown);
        Assert.Equal("810000199001010017", (await filed.Read()).Data["1"].GetProperty("otherDocumentNumber").GetString());
    }

    /// <summary>As JSON writes it.</summary>
    private static string Escaped(string word) => System.Text.Json.JsonEncodedText.Encode(word).ToString();
}
