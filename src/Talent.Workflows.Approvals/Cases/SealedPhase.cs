using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using Talent.Workflows.Approvals.Cases.Designed;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.PersonalData;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>The form data of a phase as its row holds it: what isn't personal as JSON, and the personal fields as one sealed JSON object.</summary>
/// <param name="Data">JSON object.</param>
/// <param name="Sealed">Null: no personal field has a value.</param>
/// <param name="KeyId">Null: nothing is sealed, and all of it is in <paramref name="Data"/>.</param>
internal sealed record SealedPhase(string Data, byte[]? Sealed, int? KeyId)
{
    public static readonly SealedTable Table = new("case_data", "case_id", "phase::text", ["sealed"]);

    /// <summary>What a phase said before changes of a correction; its rows are the tasks', by the version of the case that the change made (0: kept without).</summary>
    public static readonly SealedTable Before = new("case_data_before", "task_id", "(phase::text || case when seq = 0 then '' else '/' || seq end)", ["sealed"]);

    // What is sealed stands in no page and no script.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Takes data apart; what the form doesn't know is personal.</summary>
    /// <param name="json">JSON object.</param>
    /// <param name="form">Null: nobody knows what its fields are, and all of them are personal.</param>
    public static SealedPhase Of(KeyRing ring, Form? form, Guid caseId, short phase, string json, SealedTable? table = null, long seq = 0)
    {
        using var document = JsonDocument.Parse(json);
        var (open, personal) = (new ArrayBufferWriter<byte>(json.Length), new ArrayBufferWriter<byte>(json.Length));
        var any = false;
        using (var openWriter = new Utf8JsonWriter(open, Plain))
        using (var personalWriter = new Utf8JsonWriter(personal, Plain))
        {
            openWriter.WriteStartObject();
            personalWriter.WriteStartObject();
            foreach (var field in document.RootElement.EnumerateObject())
            {
                var isOpen = form?.Field(field.Name) is { IsSealed: false };
                any |= !isOpen;
                field.WriteTo(isOpen ? openWriter : personalWriter);
            }
            openWriter.WriteEndObject();
            personalWriter.WriteEndObject();
        }
        return new SealedPhase(System.Text.Encoding.UTF8.GetString(open.WrittenSpan), any ? ring.Seal(personal.WrittenSpan, (table ?? Table).At("sealed", caseId, Part(phase, seq))) : null, ring.Current);
    }

    /// <summary>Puts it together again. A field that is in clear is newer than the one that is sealed.</summary>
    /// <exception cref="SealedValueException">The row was changed outside the product.</exception>
    public static JsonElement Open(KeyRing ring, Guid caseId, short phase, JsonElement data, byte[]? value, SealedTable? table = null, long seq = 0)
    {
        if (value is null)
            return data;
        using var personal = JsonDocument.Parse(ring.OpenBytes(value, (table ?? Table).At("sealed", caseId, Part(phase, seq))));
        var whole = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(whole, Plain))
        {
            writer.WriteStartObject();
            foreach (var field in data.EnumerateObject())
                field.WriteTo(writer);
            foreach (var field in personal.RootElement.EnumerateObject())
                if (!data.TryGetProperty(field.Name, out _))
                    field.WriteTo(writer);
            writer.WriteEndObject();
        }
        return JsonDocument.Parse(whole.WrittenMemory).RootElement;
    }

    private static string Part(short phase, long seq) => seq == 0 ? string.Create(CultureInfo.InvariantCulture, $"{phase}") : string.Create(CultureInfo.InvariantCulture, $"{phase}/{seq}");
}

/// <summary>Rows of case data that are all in clear.</summary>
internal sealed class ClearCaseData(ServiceCatalogue services) : ClearTable("case_data", "key_id is null")
{
    internal override async Task<List<NpgsqlBatchCommand>> NextAsync(NpgsqlConnection connection, KeyRing ring, int most, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync($"""
            select case_id, phase, data::text, (select c.service from approvals.cases c where c.id = d.case_id) from approvals.case_data d where {Clear}
            order by case_id, phase limit $1 for update skip locked
            """, r => (Case: r.GetGuid(0), Phase: r.GetInt16(1), Data: r.GetString(2), Service: r.Text(3)), cancellationToken, most);
        var commands = new List<NpgsqlBatchCommand>();
        foreach (var row in rows)
        {
            var package = row.Service is { } service ? await services.FindAsync(service, cancellationToken) : null;
            var stored = SealedPhase.Of(ring, package?.Form, row.Case, row.Phase, row.Data);
            commands.Add(Command("update approvals.case_data set data = $3::jsonb, sealed = $4, key_id = $5 where case_id = $1 and phase = $2", row.Case, row.Phase, stored.Data, Bytes(stored.Sealed), ring.Current));
        }
        return commands;
    }
}
