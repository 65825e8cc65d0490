using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.Calendars;
using Talent.Workflows.Approvals.Cases.Forms;
using Talent.Workflows.Approvals.Filings;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Engine;
using Talent.Workflows.Runtime.Timers;

namespace Talent.Workflows.Approvals.Cases;

/// <summary>Previews of cases: what <see cref="CaseReader"/> shows the reader, in words and by steps (R-CASE-1).</summary>
public sealed class PreviewReader(CaseReader cases, FilingReader filings, BusinessClock clock)
{
    /// <param name="reason">Why the reader needs it; recorded when something is shown in full.</param>
    /// <exception cref="WorkflowException"><c>not_found</c>: there is none, or it doesn't concern the caller; <c>unavailable</c>: its service's content isn't there.</exception>
    public async Task<CasePreview> ReadAsync(Caller caller, Guid id, string? reason, CancellationToken cancellationToken)
    {
        var (view, package, owns, hidden) = await cases.SeenAsync(caller, id, reason, cancellationToken);
        if (package is null)
            throw new WorkflowException(ErrorCodes.Unavailable, $"The content of the service '{view.Service.Code}' isn't there: restore its folder.", "该事项的配置暂时无法读取，请联系管理员。");
        var form = package.Form;
        var (_, materials) = await filings.MaterialsAsync(caller, id, null, cancellationToken);
        var data = Whole(view);
        var today = ChinaTime.DateOf(clock.Now);
        var errors = owns ? form.Validate(data, view.Phase, FormMode.Submit, today, data, view.SubmittedAt is { } at ? ChinaTime.DateOf(at) : null) : [];
        PreviewStep[] steps = [.. form.Definition.Steps.Where(s => s.Phase <= view.Phase && (s.When?.Holds(data) ?? true)).Select(s => Step(form, s, data, owns, hidden, StepData.Of(form, s.Key, errors))).Where(s => owns || s.Fields.Count > 0)];
        var asked = steps.Where(s => s.Phase == view.Phase).ToArray();
        return new CasePreview
        {
            CaseId = id,
            Version = view.Version,
            FormVersion = form.Version,
            FormChanged = view.FormVersion is { } savedWith && savedWith != form.Version,
            Progress = owns ? new PreviewProgress(asked.Count(s => s.Missing.Count == 0), asked.Length) : null,
            Steps = steps,
            Errors = [.. errors.Where(e => steps.All(s => s.Key != form.StepOf(e.Path)))],
            Materials = [.. materials.Slots.Where(s => s.Applies && s.Phase <= view.Phase).Select(s => new PreviewMaterial(s.Slot, s.Zh, s.En, s.Phase, s.Required, s.Materials.Count,
                [.. materials.Missing.Where(m => m.Path == $"materials.{s.Slot}" || IsOf(m.Path, s.Field))]))],
        };
    }

    private static PreviewStep Step(Form form, FormStep step, JsonElement data, bool owns, IReadOnlySet<string> hidden, IReadOnlyList<FormError> missing)
    {
        var shown = step.Fields.Where(f => !hidden.Contains(f.Key) && (IsFilled(data, f.Key) || owns && (f.When?.Holds(data) ?? true))).ToArray();
        var state = !owns ? null : missing.Count == 0 ? "complete" : step.Fields.Any(f => IsFilled(data, f.Key)) ? "partial" : "empty";
        return new PreviewStep(step.Key, step.Zh, step.En, step.Phase, state, [.. shown.Select(f => Field(form, f, FormData.Find(data, f.Key)))], missing);
    }

    private static PreviewField Field(Form form, FormField field, JsonElement? value)
    {
        JsonElement? filled = value is { } v && !FormData.IsEmpty(v) ? v : null;
        var rows = field.Fields is { } inner && filled is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(row => (IReadOnlyList<PreviewField>)[.. inner.Where(f => IsFilled(row, f.Key)).Select(f => Field(form, f, FormData.Find(row, f.Key)))]).ToArray() : null;
        return new PreviewField(field.Key, field.Zh, field.En, JsonNamingPolicy.CamelCase.ConvertName(field.Type.ToString()), rows is null ? filled : null,
            FormWords.Of(form, field, filled, chinese: true), FormWords.Of(form, field, filled, chinese: false), rows);
    }

    private static bool IsFilled(JsonElement data, string key) => FormData.Find(data, key) is { } value && !FormData.IsEmpty(value);

    /// <summary>Of a path such as <c>works[0].proofFile</c>: whether it is the field <c>works.proofFile</c>.</summary>
    private static bool IsOf(string path, string? field) => field is not null
        && (path.IndexOf('[', StringComparison.Ordinal) is var open and > 0 && path.IndexOf(']', open) is var close and > 0 ? path[..open] + path[(close + 1)..] : path) == field;

    private static JsonElement Whole(CaseView view)
    {
        var whole = new JsonObject();
        foreach (var phase in view.Data.OrderBy(d => int.Parse(d.Key, CultureInfo.InvariantCulture)))
            if (phase.Value.ValueKind == JsonValueKind.Object)
                foreach (var field in phase.Value.EnumerateObject())
                    whole[field.Name] = JsonNode.Parse(field.Value.GetRawText());
        return JsonSerializer.SerializeToElement(whole);
    }
}
