using System.Text.Json;
using Polygate.Dialects.Gloo.Resources;

namespace Polygate.Dialects.Gloo.Options;

/// <summary>Options from several places: the nearer wins, field by field at the top level; alternatives of one choice count as one field.</summary>
internal static class OptionMerge
{
    private static readonly IReadOnlyList<IReadOnlyList<string>> Alternatives =
        [.. RestrictingFields.Groups.Where(group => group.Count > 1), ["hostRewriteHeader", "hostRewritePathRegex"]];

    /// <summary>The options with what is still empty taken from others.</summary>
    public static RouteOptions Fill(RouteOptions own, RouteOptions? others)
    {
        if (others is null)
        {
            return own;
        }

        var keepsHost = own.HostRewrite is not null || own.AutoHostRewrite is not null
            || own.Field("hostRewriteHeader") is not null || own.Field("hostRewritePathRegex") is not null;
        return Common(own, others) with
        {
            AppendXForwardedHost = own.AppendXForwardedHost ?? others.AppendXForwardedHost,
            AutoHostRewrite = keepsHost ? own.AutoHostRewrite : others.AutoHostRewrite,
            HostRewrite = keepsHost ? own.HostRewrite : others.HostRewrite,
            IdleTimeout = own.IdleTimeout ?? others.IdleTimeout,
            LbHash = own.LbHash ?? others.LbHash,
            PrefixRewrite = own.PrefixRewrite ?? others.PrefixRewrite,
            RegexRewrite = own.RegexRewrite ?? others.RegexRewrite,
            Shadowing = own.Shadowing ?? others.Shadowing,
            Timeout = own.Timeout ?? others.Timeout,
            Upgrades = own.Upgrades ?? others.Upgrades,
        };
    }

    /// <summary>The virtual host's options with what is still empty taken from others.</summary>
    public static VirtualHostOptions Fill(VirtualHostOptions own, VirtualHostOptions? others) => others is null ? own : Common(own, others);

    /// <summary><c>inheritTransformation</c>: the outer level's lists come after the own ones.</summary>
    public static RouteOptions InheritTransformations(RouteOptions options, StagedTransformations? outer) =>
        options.StagedTransformations is { InheritTransformation: true } own && outer is not null
            ? options with
            {
                StagedTransformations = own with
                {
                    Early = Append(own.Early, outer.Early),
                    Regular = Append(own.Regular, outer.Regular),
                },
            }
            : options;

    private static T Common<T>(T own, T others)
        where T : CommonOptions => own with
        {
            BufferPerRoute = own.BufferPerRoute ?? others.BufferPerRoute,
            Cors = own.Cors ?? others.Cors,
            HeaderManipulation = own.HeaderManipulation ?? others.HeaderManipulation,
            Retries = own.Retries ?? others.Retries,
            StagedTransformations = own.StagedTransformations ?? others.StagedTransformations,
            Untyped = Untyped(own.Untyped, others.Untyped),
        };

    private static Dictionary<string, JsonElement>? Untyped(Dictionary<string, JsonElement>? own, Dictionary<string, JsonElement>? others)
    {
        if (others is null || own is null)
        {
            return own ?? others;
        }

        var result = new Dictionary<string, JsonElement>(own, StringComparer.Ordinal);
        foreach (var (name, value) in others)
        {
            var taken = Alternatives.FirstOrDefault(group => group.Contains(name))?.Any(own.ContainsKey) ?? own.ContainsKey(name);
            if (!taken)
            {
                result.Add(name, value);
            }
        }

        return result;
    }

    private static TransformationStage? Append(TransformationStage? own, TransformationStage? outer) =>
        own is null || outer is null
            ? own ?? outer
            : new TransformationStage
            {
                RequestTransforms = [.. own.RequestTransforms ?? [], .. outer.RequestTransforms ?? []],
                ResponseTransforms = [.. own.ResponseTransforms ?? [], .. outer.ResponseTransforms ?? []],
            };
}
