using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using KernelGen.Generators.Emit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace KernelGen.Generators.Reading;

/// <summary>
/// Whether a name that generated text uses (see <see cref="Names"/>) means something else where a format is declared: a type, a namespace
/// or a member of the user's, or one that a global using brings in.
/// </summary>
internal static class Shadowing
{
    private static readonly ConditionalWeakTable<Compilation, ConcurrentDictionary<string, bool>> Known = new();

    public static bool Of(Compilation compilation, INamedTypeSymbol type) =>
        type.MemberNames.Any(name => Names.NamespaceOf(name) is not null)
        || Known
            .GetValue(compilation, _ => new())
            .GetOrAdd(type.ContainingNamespace.ToDisplayString(), _ => InNamespace(compilation, type.ContainingNamespace));

    private static bool InNamespace(Compilation compilation, INamespaceSymbol space)
    {
        string[] path = space.IsGlobalNamespace ? [] : space.ToDisplayString(SymbolReading.PlainName).Split('.');
        INamespaceSymbol? around = compilation.GlobalNamespace;
        for (int depth = 0; around is not null; depth++)
        {
            if (Names.All.Any(name => HasAnother(compilation, around, name, anyKind: true)))
            {
                return true;
            }
            around = depth < path.Length ? around.GetNamespaceMembers().FirstOrDefault(inner => inner.Name == path[depth]) : null;
        }
        return Imported(compilation);
    }

    /// <summary>What generated files and the compilation's global usings import must not hold a second type of a name.</summary>
    private static bool Imported(Compilation compilation)
    {
        var spaces = new HashSet<string>(Names.Namespaces);
        foreach (SyntaxTree tree in compilation.SyntaxTrees)
        {
            foreach (UsingDirectiveSyntax directive in ((CompilationUnitSyntax)tree.GetRoot()).Usings)
            {
                if (!directive.GlobalKeyword.IsKind(SyntaxKind.GlobalKeyword))
                {
                    continue;
                }
                if (directive.Alias is { } alias && Names.NamespaceOf(alias.Name.Identifier.ValueText) is not null)
                {
                    return true;
                }
                string target = directive.NamespaceOrType.ToString().Replace("global::", "").Replace("@", "");
                if (
                    directive.StaticKeyword.IsKind(SyntaxKind.StaticKeyword)
                    && compilation.GetTypeByMetadataName(target)?.GetTypeMembers().Any(inner => Names.NamespaceOf(inner.Name) is not null)
                        == true
                )
                {
                    return true;
                }
                spaces.Add(target);
            }
        }
        return spaces
            .Select(name => Find(compilation, name))
            .OfType<INamespaceSymbol>()
            .Any(space => Names.All.Any(name => HasAnother(compilation, space, name, anyKind: false)));
    }

    /// <summary>
    /// Whether a namespace that is not the name's own holds something of that name; namespaces count only around the declaration.
    /// </summary>
    private static bool HasAnother(Compilation compilation, INamespaceSymbol space, string name, bool anyKind) =>
        (anyKind ? space.GetMembers(name) : space.GetTypeMembers(name).CastArray<INamespaceOrTypeSymbol>()).Any(symbol =>
            symbol is INamespaceSymbol || compilation.IsSymbolAccessibleWithin(symbol, compilation.Assembly)
        )
        && space.ToDisplayString(SymbolReading.PlainName) != Names.NamespaceOf(name);

    private static INamespaceSymbol? Find(Compilation compilation, string dotted)
    {
        INamespaceSymbol? found = compilation.GlobalNamespace;
        foreach (string part in dotted.Split('.'))
        {
            found = found?.GetNamespaceMembers().FirstOrDefault(inner => inner.Name == part);
        }
        return found;
    }
}
