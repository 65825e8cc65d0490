using System.Text.Json.Nodes;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Server.Security;

namespace Talent.Workflows.Server.ElsaApi.Definitions;

/// <summary>What the caller may do. Studio makes read-only what has no link <c>publish</c>, and a list without <c>bulk-publish</c>.</summary>
internal static class Links
{
    private const string Root = "/workflow-definitions";

    public static JsonArray Of(string definitionId, Caller caller)
    {
        var one = $"{Root}/{Uri.EscapeDataString(definitionId)}";
        var links = new JsonArray { Link(one, "self", "GET"), Link($"{Root}/by-definition-id/{Uri.EscapeDataString(definitionId)}", "self", "GET"), Link($"{one}/versions", "versions", "GET") };
        if (Scopes.Cover(caller.Scopes, Scopes.Workflows, reads: false))
            foreach (var rel in (string[])["bulk-dispatch", "dispatch", "execute"])
                links.Add(Link($"{one}/{rel}", rel, "POST"));
        links.Add(Link($"{one}/export", "export", "POST"));
        if (!Edits(caller))
            return links;
        links.Add(Link($"{one}/publish", "publish", "POST"));
        links.Add(Link($"{one}/retract", "retract", "POST"));
        links.Add(Link(one, "delete", "DELETE"));
        links.Add(Link($"{one}/import", "import", "PUT"));
        links.Add(Link($"{one}/update-references", "update-references", "POST"));
        return links;
    }

    /// <summary>The links of a list.</summary>
    public static JsonArray OfList(Caller caller)
    {
        var links = new JsonArray
        {
            Link(Root, "self", "GET"), Link($"{Root}/validation/is-name-unique", "is-name-unique", "GET"), Link($"{Root}/query/count", "count", "GET"), Link($"{Root}/many-by-id", "many-by-id", "GET"),
        };
        if (!Edits(caller))
            return links;
        links.Add(Link("/bulk-actions/delete/workflow-definitions/by-definition-id", "bulk-delete-by-definition-id", "POST"));
        links.Add(Link("/bulk-actions/delete/workflow-definitions/by-id", "bulk-delete-by-id", "POST"));
        links.Add(Link("/bulk-actions/publish/workflow-definitions/by-definition-ids", "bulk-publish", "POST"));
        links.Add(Link("/bulk-actions/retract/workflow-definitions/by-definition-ids", "bulk-retract", "POST"));
        links.Add(Link($"{Root}/import", "import", "POST"));
        links.Add(Link($"{Root}/import-files", "import-files", "POST"));
        links.Add(Link(Root, "create", "POST"));
        return links;
    }

    private static bool Edits(Caller caller) => Scopes.Cover(caller.Scopes, Scopes.Definitions, reads: false);

    private static JsonObject Link(string href, string rel, string method) => new() { ["href"] = href, ["rel"] = rel, ["method"] = method };
}
