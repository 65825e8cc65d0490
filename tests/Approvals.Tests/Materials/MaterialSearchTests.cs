using FsCheck.Fluent;
using FsCheck;
using Npgsql;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;

namespace Talent.Workflows.Approvals.Tests.Materials;

/// <summary>Search by fragments of names, over tens of thousands of rows.</summary>
public sealed class MaterialSearchTests : IAsyncLifetime
{
    private const int Rows = 40_000;
    private MaterialDesk desk = null!;

    public async Task InitializeAsync() => desk = await MaterialDesk.OpenAsync();

    public async Task DisposeAsync() => await desk.DisposeAsync();

    [Theory]
    [InlineData("证", "学位证书")]
    [InlineData("", "学位证书|ABC 合同|照片")]
    [InlineData("位证", "学位证书")]
    [InlineData("学位证", "学位证书")]
    [InlineData("学 书", "学位证书")]
    [InlineData("abc", "ABC 合同")]
    [InlineData("ａＢ", "ABC 合同")]
    [InlineData("证位", "")]
    [InlineData("%", "")]
    [InlineData("_", "")]
    public async Task Search_WhenAskedForAFragment_ThenEveryNameThatHoldsItIsFound_R_CASE_4(string fragment, string expected)
    {
        await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf("1"));
        await desk.Keep(desk.Li, "ABC 合同", SampleFiles.Pdf("2"));
        await desk.Keep(desk.Li, "照片", SampleFiles.Pdf("3"));

        var names = await desk.Names(desk.Li, new MaterialQuery(Name: fragment));

        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Search_WhenNamesAndFragmentsAreAny_ThenItFindsExactlyThoseThatHoldThem_R_CASE_4()
    {
        var text = Gen.Choose(1, 4).SelectMany(length => Gen.ArrayOf(Gen.Elements("学", "位", "证", "a", "B", "😀", " "), length)).Select(parts => string.Concat(parts));
        await using var connection = await desk.Desk.Database.OpenConnectionAsync();
        var found = 0;

        Property.Holds(from before in text from fragment in text from after in text from held in Gen.Elements(true, false) select (Name: held ? before + fragment + after : before + after, Fragment: fragment), pair =>
        {
            using var command = new NpgsqlCommand("select approvals.name_grams($1) @> approvals.fragment_grams($2) and strpos(approvals.folded_name($1), approvals.folded_name($2)) > 0", connection);
            command.Parameters.Add(new NpgsqlParameter { Value = pair.Name });
            command.Parameters.Add(new NpgsqlParameter { Value = pair.Fragment });
            var holds = (bool)command.ExecuteScalar()!;

            Assert.Equal(pair.Name.Contains(pair.Fragment, StringComparison.OrdinalIgnoreCase), holds);
            found += holds ? 1 : 0;
        });

        Assert.InRange(found, 30, int.MaxValue);
    }

    [Fact]
    public async Task Search_WhenThereAreTensOfThousands_ThenTheIndexesAreUsedAndNoTableIsReadThrough_R_CASE_4()
    {
        await FillAsync();
        Assert.Equal(12, (await PageThroughAsync(new MaterialQuery(Everybody: true, Name: "珍", Limit: 5))).Count);

        // One and two characters that few names hold: the grams. One that most hold: the order, until the page is full.
        Assert.Contains("materials_grams", await PlanAsync(null, "珍"), StringComparison.Ordinal);
        Assert.Contains("materials_grams", await PlanAsync(null, "珍稀"), StringComparison.Ordinal);
        Assert.Contains("materials_grams", await PlanAsync(null, "稀证书"), StringComparison.Ordinal);
        Assert.Contains("materials_newest", await PlanAsync(null, "材"), StringComparison.Ordinal);
        // Within one library, its own index or the grams, as it is small or large.
        Assert.Matches("materials_(owner|grams)", await PlanAsync(new MaterialOwner("person", "bulk-7"), "材"));
        Assert.Matches("materials_(owner|grams)", await PlanAsync(new MaterialOwner("person", "bulk-7"), "珍稀"));
    }

    [Fact]
    public async Task List_WhenPagedThrough_ThenEveryMaterialComesOnceNewestFirst_R_CASE_4()
    {
        for (var i = 0; i < 7; i++)
        {
            // Two at each instant: the id decides between them.
            if (i % 2 == 0)
                desk.Desk.Time.SetTo(desk.Desk.Time.GetUtcNow().AddMinutes(1));
            await desk.Keep(desk.Li, $"材料{i}", SampleFiles.Pdf($"{i}"));
        }

        var names = await PageThroughAsync(new MaterialQuery(Limit: 2), desk.Li);

        Assert.Equal(7, names.Distinct().Count());
        Assert.Equal("材料6", names[0]);
        var first = await desk.Reader.ListAsync(desk.Li, new MaterialQuery(Limit: 2), default);
        Assert.Equal(ErrorCodes.InvalidRequest, await desk.Refused(() => desk.Reader.ListAsync(desk.Li, new MaterialQuery(Name: "材", Cursor: first.Next, Limit: 2), default)));
        Assert.Equal(ErrorCodes.InvalidRequest, await desk.Refused(() => desk.Reader.ListAsync(desk.Li, new MaterialQuery(Name: new string('长', 51)), default)));
        Assert.Equal(ErrorCodes.InvalidRequest, await desk.Refused(() => desk.Reader.ListAsync(desk.Li, new MaterialQuery(Kind: "exe"), default)));
    }

    [Fact]
    public async Task List_WhenItIsEverybodys_ThenAdministratorsAloneGetIt_R_CASE_4()
    {
        await desk.Keep(desk.Li, "学位证书", SampleFiles.Pdf());

        Assert.Equal(ErrorCodes.Forbidden, await desk.Refused(() => desk.Reader.ListAsync(desk.Handler, new MaterialQuery(Everybody: true), default)));
        Assert.Equal(["学位证书"], await desk.Names(Administrator, new MaterialQuery(Everybody: true)));
    }

    private Caller Administrator => desk.As("bureau-superior") with { Scopes = new HashSet<string> { "admin", "cases" } };

    private async Task<IReadOnlyList<string>> PageThroughAsync(MaterialQuery query, Caller? caller = null)
    {
        var names = new List<string>();
        for (var cursor = (string?)""; cursor is not null;)
        {
            var page = await desk.Reader.ListAsync(caller ?? Administrator, query with { Cursor = cursor }, default);
            Assert.InRange(page.Items.Count, 1, query.Limit);
            names.AddRange(page.Items.Select(m => m.Name));
            cursor = page.Next;
        }
        return names;
    }

    private Task FillAsync() => desk.Desk.Execute($"""
        insert into approvals.material_contents (hash, place, kind, size, used_at, scan_at)
        select 'hash-' || i, 'place-' || i, 'pdf', 1000, '2026-09-01', '2026-09-01' from generate_series(1, {Rows}) i;
        insert into approvals.materials (id, owner_kind, owner_id, name, hash, uploaded_at, uploaded_by, credential)
        select md5(i::text)::uuid, 'person', 'bulk-' || i % 8000, case when i % {Rows / 12} = 5 then '珍稀证书' else (array['学历','学位','社保','职称','照片'])[i % 5 + 1] || '材料' end || i, 'hash-' || i,
            timestamptz '2026-09-01' - i * interval '1 second', 'bulk', 'key:bulk' from generate_series(1, {Rows}) i;
        analyze approvals.materials;
        analyze approvals.material_contents;
        """);

    private async Task<string> PlanAsync(MaterialOwner? owner, string name)
    {
        var (sql, parameters) = MaterialReader.Select(owner, new MaterialQuery(Name: name), null);
        await using var command = desk.Desk.Database.CreateCommand($"explain {sql} limit 51");
        foreach (var value in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var plan = new List<string>();
        while (await reader.ReadAsync())
            plan.Add(reader.GetString(0));
        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan on materials", StringComparison.Ordinal));
        return string.Join('\n', plan);
    }
}
