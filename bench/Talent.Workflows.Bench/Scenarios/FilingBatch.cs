using System.Diagnostics;
using System.Globalization;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Bench.Measuring;
using Talent.Workflows.Runtime.Definitions;
using Talent.Workflows.Runtime.Instances;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>
/// One request by which an employer begins and hands in cases of 留学回国人员引进·需求申报 for very many of its people, each with the whole
/// form and its eight materials; and the same request again.
/// </summary>
internal sealed class FilingBatch(BenchHost host, Report report)
{
    private const double MostSeconds = 60;
    private const string Service = "returnee-intake";
    private static readonly Caller Handler = new("key:bench", "u-handler", new HashSet<string>(), null, null, null);

    public async Task RunAsync(int people)
    {
        var package = host.Get<ApprovalContent>().Get(Service);
        await host.Get<DefinitionStore>().ImportAsync(package.Definition.ToArray(), publish: true, Actor.System, default);
        var sample = package.Samples.First(s => s.Course == "completed");
        await SeedAsync(people, [.. sample.Materials.Select(m => package.Materials.Find(m.Key)!.Zh)]);
        var data = sample.Phase1;
        var request = new FileCases
        {
            Service = Service,
            Confirmed = ["classified"],
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
        Report.Note($"{people:N0} people in one request, {Service} with all its materials");
    }

    /// <param name="materials">Names of what each of them has in their library.</param>
    private async Task SeedAsync(int people, string[] materials)
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
            insert into approvals.certifications (id, user_id, employer_id, way, certified_at) values (gen_random_uuid(), 'u-handler', 'bench-employer', 'recognised', now());
            insert into approvals.permissions (employer_id, service, case_id, opened_at) values ('bench-employer', '{Service}', gen_random_uuid(), now());
            insert into approvals.material_contents (hash, place, kind, size, used_at, scan_at) select lpad(m.i::text, 64, '0'), 'none-' || m.i, 'pdf', 1000, now(), now() from generate_series(1, {materials.Length}) m(i);
            insert into approvals.materials (id, owner_kind, owner_id, name, hash, uploaded_at, uploaded_by, credential)
            select gen_random_uuid(), 'person', 'u-' || p.i, m.name, lpad(m.i::text, 64, '0'), now(), 'u-' || p.i, 'bench' from generate_series(0, {last}) p(i), unnest(array[{string.Join(',', materials.Select(m => $"'{m}'"))}]) with ordinality m(name, i);
            """,
        ])
        {
            await using var command = host.Database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync();
        }
    }
}
