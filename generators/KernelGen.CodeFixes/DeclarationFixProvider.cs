using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace KernelGen.CodeFixes;

/// <summary>
/// Mends declarations by the edits that a diagnostic carries (<see cref="Fault.Property"/>). What is right is decided by the rule that
/// was broken, so that there is one copy of the rules.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(DeclarationFixProvider))]
[Shared]
public sealed class DeclarationFixProvider : CodeFixProvider
{
    /// <summary>All ids of declarations: which of them have a fix depends on the declaration.</summary>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [.. Enumerable.Range(1, 60).Select(number => $"KG{number:D4}")];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        Document document = context.Document;
        SyntaxNode? root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (
                diagnostic.Properties.TryGetValue(Fault.Property, out string? fix)
                && root?.FindNode(context.Span).FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } type
                && model?.GetDeclaredSymbol(type, context.CancellationToken) is INamedTypeSymbol symbol
            )
            {
                IReadOnlyList<(string Title, TextChange Change)> edits = new DeclarationEdits(type, symbol, model, context.Span).Of(fix!);
                if (edits.Count > 0)
                {
                    context.RegisterCodeFix(
                        CodeAction.Create(
                            string.Join("; ", edits.Select(edit => edit.Title)),
                            cancellation => Changed(document, edits.Select(edit => edit.Change), cancellation),
                            equivalenceKey: diagnostic.Id
                        ),
                        diagnostic
                    );
                }
            }
        }
    }

    private static async Task<Document> Changed(Document document, IEnumerable<TextChange> changes, CancellationToken cancellation)
    {
        SourceText text = await document.GetTextAsync(cancellation).ConfigureAwait(false);
        return document.WithText(text.WithChanges(changes.OrderBy(change => change.Span.Start)));
    }
}
