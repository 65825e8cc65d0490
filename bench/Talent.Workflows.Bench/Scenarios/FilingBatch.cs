using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Approvals.Reviews;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>One request by which an employer begins and hands in cases for very many of its people; and the same request again.</summary>
internal sealed class FilingBatch(BenchHost host, Report report)
{
    private const double MostSeconds = 60;
    private const string Service = "bench-allowance";
    private static readonly Caller Handler = new("key:bench", "u-handler", new HashSet<string>(), null, null, null);

    public async Task RunAsync(int people)
    {
        await SeedAsync(people);
        await host.Get<DefinitionStore>().ImportAsync(Definition(), publish: true, Actor.System, default);
        var data = JsonSerializer.SerializeToElement(new { reason = "引进人才", name = "某员工", phone = "19900000054" });
        var request = new FileCases
        {
            Service = Service,
            Items = [.. Enumerable.Range(0, people).Select(i => new PersonToFile { ApplicantId = string.Create(CultureInfo.InvariantCulture, $"u-{i}"), Data = data, Submit = true })],
        };
        var key = new Idempotency("key:bench", "batch", new byte[32]);
        foreach (var metric in (string[])["cases_batch_filed_s", "cases_batch_repeated_s"])
        {
            var clock = Stopwatch.GetTimestamp();
            var filed = await host.Get<CaseBatches>().FileAsync(Handler, request, key, default);
            var seconds = Stopwatch.GetElapsedTime(clock).TotalSeconds;
            if (filed.Submitted != people)
                throw new InvalidOperationException($"{filed.Submitted} of {people} were handed in; the first problem: {filed.Items.First(i => i.Problem is not null).Problem!.DetailEn}");
            report.Add(new Row(metric, "inprocess", 1, seconds, "s") { Limit = MostSeconds, Ratio = seconds / MostSeconds });
        }
        Report.Note($"{people:N0} people in one request");
    }

    private async Task SeedAsync(int people)
    {
        var last = (people - 1).ToString(CultureInfo.InvariantCulture);
        foreach (var sql in (string[])
        [
            """
            insert into approvals.organisations (id, kind, name_zh, name_en, region, parent_id) values
                ('bench-bureau', 'bureau', '市局', 'Bureau', '110105', null), ('bench-unit', 'unit', '归口单位', 'Unit', '110105', 'bench-bureau'), ('bench-employer', 'employer', '用人单位', 'Employer', '110105', null);
            insert into approvals.responsibilities (employer_id, unit_id) values ('bench-employer', 'bench-unit');
            """,
            $"""
            insert into approvals.users (id, name, organisation_id) select 'u-' || i, '员工' || i, 'bench-employer' from generate_series(0, {last}) i;
            insert into approvals.users (id, name, organisation_id) values ('u-handler', '经办人', 'bench-employer');
            insert into approvals.user_roles (user_id, role, organisation_id) values ('u-handler', 'employer.handler', 'bench-employer');
            insert into approvals.associations (id, user_id, employer_id, began_at) select gen_random_uuid(), 'u-' || i, 'bench-employer', now() from generate_series(0, {last}) i;
            """,
        ])
        {
            await using var command = host.Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static byte[] Definition()
    {
        static JsonObject Given(string type, string value) => new() { ["typeName"] = "String", ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };
        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["id"] = "bench-allowance-1", ["definitionId"] = Service, ["name"] = "住房补贴", ["version"] = 1,
            ["root"] = new JsonObject
            {
                ["id"] = "flow", ["type"] = "Elsa.Flowchart", ["version"] = 1,
                ["activities"] = new JsonArray(
                    new JsonObject
                    {
                        ["id"] = "filed", ["type"] = Filing.TypeName, ["version"] = 1, ["serviceName"] = Given("Literal", "住房补贴"), ["numberCode"] = Given("Literal", "ZFBT"), ["phone"] = Given("Literal", "0199-0000-8300"),
                        ["filedBy"] = Given("Object", """["employer"]"""),
                        ["form"] = Given("Literal", """
                            [{"key":"reason","type":"text","zh":"申请理由","en":"Reason","required":true,"maxLength":200},{"key":"name","type":"text","zh":"姓名","en":"Name","required":true,"maxLength":50,"personal":true},
                             {"key":"phone","type":"phone","zh":"联系电话","en":"Phone","required":true,"personal":true}]
                            """),
                    },
                    new JsonObject
                    {
                        ["id"] = "review", ["type"] = ReviewStage.TypeName, ["version"] = 1, ["stageName"] = Given("Literal", "审核"), ["role"] = Given("Literal", "unit.reviewer"), ["organisation"] = Given("Literal", "bench-unit"), ["due"] = Given("Literal", "5wd"),
                    }),
                ["connections"] = new JsonArray(new JsonObject { ["source"] = new JsonObject { ["activity"] = "filed", ["port"] = "Done" }, ["target"] = new JsonObject { ["activity"] = "review", ["port"] = "In" } }),
            },
        });
    }
}
