using System.Text.Json.Nodes;
using Polygate.Dialects.Common;
using Polygate.Dialects.Pipeline;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Store;

namespace Polygate.Dialects.Gloo;

/// <summary>
/// What is found wrong while one object is translated: diagnostics on the object itself, and the object's verdict.
/// What is wrong inside another object (a delegated route table, an upstream) is reported when that one is translated;
/// here it only counts for the verdict.
/// </summary>
internal sealed class Findings
{
    private readonly TranslationContext context;
    private readonly HashSet<(string Code, string Field, string Message)> reported = [];
    private readonly List<string> errors = [];
    private readonly List<string> warnings = [];

    public Findings(TranslationContext context) => this.context = context;

    /// <summary>Whether the object is not served at all.</summary>
    public bool IsRejected => errors.Count > 0;

    public IResourceLookup Lookup => context;

    /// <summary>Something invalid: the object is withheld.</summary>
    public void Reject(string code, string message, string field, Resource? on = null)
    {
        if (!IsNew(code, message, field, on, out var isOwn))
        {
            return;
        }

        errors.Add(isOwn ? message : $"{on!.Key}: {message}");
        if (isOwn)
        {
            context.Error(code, message, field);
        }
        else
        {
            context.Error("rejected-reference", $"{on!.Key} is not valid ({message}), so that what takes it is withheld.");
        }
    }

    /// <summary>Something that cannot be served as written; its part answers with an error, the rest is served.</summary>
    public void Refuse(string code, string message, string field, Resource? on = null)
    {
        if (IsNew(code, message, field, on, out var isOwn))
        {
            warnings.Add(isOwn ? message : $"{on!.Key}: {message}");
            if (isOwn)
            {
                context.Error(code, message, field);
            }
        }
    }

    /// <summary>Something without effect, or with a surprising one.</summary>
    public void Warn(string code, string message, string field, Resource? on = null)
    {
        if (IsNew(code, message, field, on, out var isOwn))
        {
            warnings.Add(isOwn ? message : $"{on!.Key}: {message}");
            if (isOwn)
            {
                context.Warning(code, message, field);
            }
        }
    }

    /// <summary>A warning that only this object's use of another one gives rise to: shown on the other one.</summary>
    public void WarnUse(string code, string message, string field, Resource on)
    {
        if (IsNew(code, message, field, on, out _))
        {
            warnings.Add($"{on.Key}: {message}");
            context.Warning(code, message, field, on);
        }
    }

    /// <summary>Reports the untyped fields of an object that stands in the root.</summary>
    public void Fields(FieldTable table, OpenFields? fields, string path, Resource? on = null)
    {
        if (on is null || on.Key == context.Root.Key)
        {
            warnings.AddRange(table.Report(fields, path, context));
        }
    }

    /// <summary>A field that is set and has no effect.</summary>
    public void Unsupported(bool isSet, string field, Resource? on = null)
    {
        if (isSet)
        {
            Warn("unsupported-field", $"{field} is not supported yet and has no effect.", field, on);
        }
    }

    /// <summary>Writes the object's status as Gloo does: one entry a controller namespace.</summary>
    public void WriteStatus()
    {
        var entry = new JsonObject
        {
            ["state"] = errors.Count > 0 ? "Rejected" : warnings.Count > 0 ? "Warning" : "Accepted",
            ["reportedBy"] = "polygate",
        };
        if (errors.Count + warnings.Count > 0)
        {
            entry["reason"] = string.Join('\n', errors.Concat(warnings));
        }

        context.SetStatus(context.Root, new JsonObject { ["statuses"] = new JsonObject { [GlooSettings.ControllerNamespace] = entry } });
    }

    private bool IsNew(string code, string message, string field, Resource? on, out bool isOwn)
    {
        isOwn = on is null || on.Key == context.Root.Key;
        return reported.Add((code, isOwn ? field : on!.Key + field, message));
    }
}
