"""Portuguese."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
deixe um comentário | deixe uma resposta | deixe seu comentário | deixe o seu comentário | escreva um comentário
publicar comentário | enviar comentário | o seu endereço de e-mail não será publicado
o seu endereço de email não será publicado | campos obrigatórios são marcados | cancelar resposta
faça login para comentar | faça o login para comentar | os comentários estão encerrados | ver comentários
seja o primeiro a comentar | salvar meus dados neste navegador | comente esta notícia
""",
    related="""
notícias relacionadas | matérias relacionadas | artigos relacionados | conteúdo relacionado | relacionadas
relacionados | mais lidas | mais lidos | as mais lidas | últimas notícias | mais notícias | mais sobre | mais de
veja mais | saiba mais | você também pode gostar | você pode gostar | talvez você goste | recomendado para você
recomendadas | recomendados | não perca | destaques | próxima notícia | notícia anterior | artigo anterior
próximo artigo | em alta | outras notícias | veja também | leia também
""",
    labels="""
leia também | leia mais | veja também | veja mais | saiba mais | relacionado | assista | confira também
confira | entenda
""",
    read_on="""
leia mais | leia a matéria completa | leia a íntegra | leia na íntegra | ler mais | ler artigo completo
ler a notícia completa | leia o artigo completo | leia a reportagem completa | continue lendo | continuar lendo
continuar a ler | continue a ler | ler matéria completa | clique aqui para ler a matéria completa
""",
    furniture="""
compartilhar | compartilhe | partilhar | partilhe | compartilhar no facebook | compartilhar no twitter
compartilhar no whatsapp | compartilhe esta notícia | partilhar no facebook | compartilhar por e-mail | tuitar
imprimir | enviar por e-mail | e-mail | copiar link | link copiado | salvar | guardar | siga-nos | siga-nos no
siga-nos nas redes sociais | siga no google news | redes sociais | publicidade | anúncio | anúncios
conteúdo patrocinado | patrocinado | continua após a publicidade | continua depois da publicidade | assine
assinar | assinatura | assine já | assine agora | assine nossa newsletter | receba nossa newsletter | newsletter
boletim | inscreva-se | cadastre-se | cadastrar | registe-se | entrar | sair | fazer login | iniciar sessão
minha conta | senha | usuário | esqueci minha senha | criar conta | aceitar | aceitar todos | aceitar cookies
rejeitar | rejeitar todos | configurações de cookies | definições de cookies | política de cookies | cookies
política de privacidade | privacidade | termos de uso | termos e condições | todos os direitos reservados
direitos reservados | quem somos | contato | contacto | contactos | fale conosco | anuncie | anuncie aqui
trabalhe conosco | expediente | ficha técnica | menu | buscar | busca | pesquisar | pesquisa | fechar
abrir menu | ir para o conteúdo | pular para o conteúdo | saltar para o conteúdo | voltar ao topo | ver mais
ver tudo | ver todas | carregar mais | mostrar mais | próximo | próxima | anterior | voltar | início
página inicial | mapa do site | tags | etiquetas | temas | categorias | min de leitura | minutos de leitura
tempo de leitura | atualizado | atualizado em | publicado | publicado em | última atualização | ouvir
ouça este conteúdo | ouvir notícia | vídeo | vídeos | fotos | galeria | foto | imagem | ao vivo | baixe o app
baixe o aplicativo | edição impressa | sobre o autor | da redação | redação | gostei | curtir | comentários
comentar | responder | visualizações | erramos | reportar erro | créditos | legenda
""",
    openers="""
assine a nossa | assine nossa | inscreva-se na | inscreva-se no | inscreva-se em | siga-nos no | siga o nosso
siga nosso canal | entre no nosso canal | participe do nosso grupo | receba as notícias | receba nossas notícias
receba no seu e-mail | receba as principais notícias | cadastre-se para | faça login para
este site utiliza cookies | este site usa cookies | utilizamos cookies | usamos cookies | nós utilizamos cookies
ao clicar em | ao continuar navegando | clique aqui para | baixe o nosso app | tags: | temas: | categorias:
publicado em: | todos os direitos reservados | © 20 | tempo de leitura: | atualizado em: | compartilhe:
compartilhe isso: | curtir isso: | o seu endereço de | ver todos os posts
leia mais sobre | saiba mais sobre: | receba as notícias | receba cada | receba todo dia
""",
    navigation="""
notícias | brasil | portugal | mundo | política | economia | negócios | esportes | desporto | esporte | futebol
cultura | entretenimento | sociedade | opinião | tecnologia | ciência | saúde | viagem | educação
meio ambiente | ambiente | polícia | cidades | colunas | colunistas | blogs | famosos | televisão | cinema
música | moda | gastronomia | carros | empregos | concursos | previsão do tempo | horóscopo | internacional
nacional | país
""",
    home="""
início | página inicial | home | capa
""",
    counted="""
comentário | comentários | compartilhamentos | visualizações | curtidas | partilhas | min de leitura
""",
    bylines="""
por | escrito por | texto de | reportagem de
""",
    dates="""
publicado | publicado em | atualizado | atualizado em | última atualização | criado em
""",
)
