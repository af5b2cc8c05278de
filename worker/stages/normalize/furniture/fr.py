"""French."""

from worker.stages.normalize.furniture.phrases import Phrases

PHRASES = Phrases(
    comments="""
laisser un commentaire | laissez un commentaire | laisser une réponse | ajouter un commentaire
poster un commentaire | publier un commentaire | écrire un commentaire
votre adresse e-mail ne sera pas publiée | votre adresse courriel ne sera pas publiée
les champs obligatoires sont indiqués avec | annuler la réponse | connectez-vous pour commenter
les commentaires sont fermés | les commentaires sont clos | voir les commentaires | soyez le premier à commenter
réagir à cet article | enregistrer mon nom, mon e-mail | commenter cet article
""",
    related="""
articles liés | articles similaires | articles associés | articles connexes | sur le même sujet
sur le même thème | à lire aussi | à lire également | à voir aussi | à découvrir | lire aussi | les plus lus
les plus lues | le plus lu | les plus consultés | les plus partagés | plus d'articles | plus d’articles
dernières actualités | dernières infos | dernières nouvelles | derniers articles | toute l'actualité
toute l’actualité | nos recommandations | recommandé pour vous | vous aimerez aussi | vous pourriez aimer
cela peut vous intéresser | ça peut vous intéresser | ne manquez pas | à la une | contenus sponsorisés
article précédent | article suivant | à ne pas manquer | dans la même rubrique | en continu | le fil info
tendances
""",
    labels="""
lire aussi | lire également | à lire aussi | à lire également | voir aussi | à voir aussi | lire | écouter aussi
à écouter | en savoir plus | notre dossier | pour aller plus loin | à lire
""",
    read_on="""
lire la suite | lire l'article complet | lire l’article complet | lire l'article | lire l’article
lire la suite de l'article | lire la suite de l’article | lire l'intégralité de l'article | continuer la lecture
continuez la lecture | poursuivre la lecture | lire plus | lisez la suite | voir l'article complet
il vous reste
""",
    furniture="""
partager | partagez | partager sur facebook | partager sur twitter | partager sur whatsapp
partager sur linkedin | partager par email | partager l'article | partager l’article | partager cet article
tweeter | imprimer | envoyer par e-mail | envoyer par mail | envoyer | e-mail | courriel | copier le lien
lien copié | enregistrer | sauvegarder | suivez-nous | suivez-nous sur | suivre | réseaux sociaux | publicité
annonce | annonces | contenu sponsorisé | sponsorisé | en partenariat avec | la suite après la publicité
la suite après cette publicité | abonnez-vous | s'abonner | s’abonner | je m'abonne | je m’abonne | abonnement
réservé aux abonnés | article réservé aux abonnés | newsletter | newsletters | inscrivez-vous | s'inscrire
s’inscrire | je m'inscris | inscription | se connecter | connexion | connectez-vous | se déconnecter
mon compte | mot de passe | mot de passe oublié | créer un compte | déjà abonné | déjà inscrit | faire un don
soutenez-nous | accepter | tout accepter | accepter les cookies | refuser | tout refuser
continuer sans accepter | gérer les cookies | paramétrer les cookies | paramètres des cookies
gestion des cookies | politique de cookies | cookies | mentions légales | politique de confidentialité
confidentialité | données personnelles | conditions générales | conditions d'utilisation | cgu | cgv
tous droits réservés | qui sommes-nous | contact | contactez-nous | nous contacter | publicités | recrutement
charte | plan du site | menu | rechercher | recherche | fermer | ouvrir le menu | aller au contenu
passer au contenu | haut de page | retour en haut | voir plus | voir tout | afficher plus | charger plus
suivant | précédent | retour | accueil | mots-clés | thèmes | catégories | sujets | min de lecture
minutes de lecture | temps de lecture | lecture | mis à jour | publié | publié le | mis à jour le | modifié le
dernière mise à jour | écouter | écouter l'article | écouter l’article | vidéo | vidéos | photos | galerie
diaporama | photo | image | légende | en direct | direct | télécharger l'application | télécharger l’application
journal papier | à propos de l'auteur | à propos | la rédaction | j'aime | j’aime | commentaires | commenter
réagir | répondre | vues | signaler une erreur | une erreur dans l'article
""",
    openers="""
abonnez-vous à | abonnez-vous pour | inscrivez-vous à | inscrivez-vous pour | suivez-nous sur
recevez notre newsletter | recevez la newsletter | recevez chaque | recevez l'essentiel | rejoignez-nous sur
connectez-vous pour | ce site utilise des cookies | nous utilisons des cookies | avec votre accord,
en cliquant sur | en poursuivant votre navigation | cliquez ici pour | téléchargez notre application
déjà abonné ? | cet article est réservé | mots-clés : | mots-clés: | thèmes : | sujets : | catégories :
publié dans : | tous droits réservés | © 20 | temps de lecture : | temps de lecture: | mis à jour le :
partager : | partagez : | j'aime ça : | votre adresse e-mail | voir tous les articles de
""",
    navigation="""
actualités | actualité | france | monde | international | politique | économie | sport | sports | football
culture | société | opinions | opinion | débats | sciences | science | santé | technologie | tech | voyage
planète | environnement | éducation | médias | people | faits divers | justice | régions | région | régional
local | entreprises | bourse | immobilier | automobile | cinéma | musique | livres | style | mode | gastronomie
météo | horoscope | blogs | podcasts | édito | europe | afrique | amériques | moyen-orient
""",
    home="""
accueil | à la une | home
""",
    counted="""
commentaire | commentaires | partages | partage | vues | j'aime | réactions | min de lecture | min | lectures
""",
    bylines="""
par | écrit par | propos recueillis par | texte de
""",
    dates="""
publié | publié le | mis à jour | mis à jour le | modifié le | dernière mise à jour
""",
)
